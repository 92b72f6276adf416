// `aevent tasks`, the signal of AEVENT_DEBUG=tasks, and `aevent doctor`: asked from outside, of programs that run.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Tasks } from '../../../dist/runtime/index.js';
import { directoryOf, socketOf } from '../../../dist/runtime/observing/socket-path.js';

const dist = join(import.meta.dirname, '../../../dist/loader');
const fixture = join(import.meta.dirname, '../../runtime/observing/fixtures/waiting.mjs');
const uid = process.getuid?.() ?? 0;

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

const running: Running[] = [];
afterEach(() => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL');
});

/** A process, and what it has written so far. */
class Running {
  readonly child: ChildProcess;
  readonly pid: number;
  stdout = '';
  stderr = '';
  readonly #closed: Promise<unknown>;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    this.child = spawn(process.execPath, args, { env: { ...inherited, NO_COLOR: undefined, ...env } });
    this.pid = this.child.pid as number;
    this.child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
    });
    this.#closed = once(this.child, 'close');
    running.push(this);
  }

  async ended(): Promise<Ended> {
    await this.#closed;
    return { stdout: this.stdout, stderr: this.stderr, code: this.child.exitCode };
  }

  /** Until what it has written there matches. */
  async writes(to: 'stdout' | 'stderr', pattern: RegExp): Promise<string> {
    while (!pattern.test(this[to])) {
      const stream = this.child[to] as NodeJS.ReadableStream;
      const over = this.#closed.then(() => true);
      if ((await Promise.race([once(stream, 'data'), over])) === true && !pattern.test(this[to]))
        throw new Error(`ended, having written ${this.stdout}${this.stderr}`);
    }
    return this[to];
  }
}

const node = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Running => new Running(args, env);

const cli = (args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended> =>
  node([join(dist, 'cli.js'), ...args], env).ended();

/** The program of the fixture, once all its tasks wait. */
async function waiting(debug: string, ...args: string[]): Promise<Running> {
  const program = node(['--import', join(dist, 'register.js'), fixture, ...args], { AEVENT_DEBUG: debug });
  await program.writes('stdout', /^waiting$/m);
  return program;
}

const tree = [
  /^runner$/m,
  /main#1: waits in TaskGroup of \d tasks/,
  /one#\d+: waits in Lock\.acquire held by two#\d+ \([^)]+\) · ran [\d.]+ ms, waited [\d.]+ m?s\n.* at one \(.*waiting\.mjs:\d+:\d+\)/,
  /<\/script>\\u001b\[2J\\nname \\u202e#\d+: waits in Queue\.get \(0\/10\)/,
  /^deadlock: one#\d+ waits in Lock\.acquire held by two#\d+; two#\d+ waits in Lock\.acquire held by one#\d+$/m,
];
const ofMain = [
  /child#\d+: waits in child \d+: sleep 50/,
  /scope \[deadline in \d+\.\d s\]/,
  /fifo#\d+: waits in fs\.readSync fd \d+/,
];

describe('a process that was started with AEVENT_DEBUG=inspect', () => {
  it('is asked for its tasks and those of its Workers, and goes on', async () => {
    const program = await waiting('inspect');
    const [forPeople, asJson] = await Promise.all([
      cli(['tasks', `${program.pid}`]),
      cli(['tasks', `${program.pid}`, '--json']),
    ]);
    expect([forPeople.stderr, forPeople.code]).toEqual(['', 0]);
    const [main = '', worker = ''] = forPeople.stdout.split('\n\n');
    expect(main).toMatch(new RegExp(`^aevent: 6 tasks, 6 suspended calls \\(process ${program.pid}\\)\n`));
    expect(worker).toMatch(
      new RegExp(`^aevent: 4 tasks, 4 suspended calls \\(process ${program.pid}, Worker \\d+\\)\n`),
    );
    for (const line of tree)
      expect([main, worker]).toEqual([expect.stringMatching(line), expect.stringMatching(line)]);
    for (const line of ofMain) expect(main).toMatch(line);
    expect(main).not.toContain('node:');
    expect(forPeople.stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    const threads = JSON.parse(asJson.stdout) as Tasks[];
    expect(threads).toMatchObject([
      { pid: program.pid, threadId: 0, live: 6, parked: 6, roots: [{ kind: 'runner' }] },
      { pid: program.pid, live: 4, parked: 4 },
    ]);
    expect(JSON.stringify(threads[0]?.roots)).toContain('</script>\\u001b[2J\\nname \u202e#');
    expect(threads[0]?.deadlocks).toHaveLength(1);
    program.child.stdin?.end();
    expect((await program.ended()).code).toBe(0);
    expect(existsSync(socketOf(uid, program.pid))).toBe(false);
  });

  it('has a socket that only its user can open', async () => {
    const program = await waiting('inspect');
    expect(statSync(directoryOf(uid)).mode & 0o777).toBe(0o700);
    expect(statSync(socketOf(uid, program.pid)).mode & 0o777).toBe(0o600);
  });

  it('removes the sockets of processes that a signal has ended', async () => {
    const killed = await waiting('inspect');
    killed.child.kill('SIGKILL');
    await killed.ended();
    const path = socketOf(uid, killed.pid);
    expect(existsSync(path)).toBe(true);
    const program = await waiting('inspect');
    while (existsSync(path)) await new Promise((done) => setTimeout(done, 10));
    expect(existsSync(socketOf(uid, program.pid))).toBe(true);
  });

  it('is said to be kept, while it is, and lists a Worker again that was', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'aevent-kept-'));
    afterAll(() => rmSync(directory, { recursive: true, force: true }));
    const file = join(directory, 'program.mjs');
    writeFileSync(
      file,
      `
      import { existsSync, writeSync } from 'node:fs';
      import { isMainThread, parentPort, Worker } from 'node:worker_threads';
      /** Until there is such a file. */
      function keep(file) {
        const cell = new Int32Array(new SharedArrayBuffer(4));
        while (!existsSync(file)) Atomics.wait(cell, 0, 0, 20);
      }
      const [, , ofMain, ofWorker] = process.argv;
      if (isMainThread) {
        const worker = new Worker(new URL(import.meta.url), { argv: [ofMain, ofWorker] });
        worker.on('message', (text) => console.log(text));
        process.stdin.once('data', () => {
          writeSync(1, 'main is kept\\n');
          keep(ofMain);
        });
      } else {
        parentPort.postMessage('worker is kept');
        keep(ofWorker);
        parentPort.postMessage('worker turns');
        setInterval(() => {}, 1e6);
      }
      `,
    );
    const [ofMain, ofWorker] = [join(directory, 'main'), join(directory, 'worker')];
    const program = node(['--import', join(dist, 'register.js'), file, ofMain, ofWorker], {
      AEVENT_DEBUG: 'inspect',
    });
    await program.writes('stdout', /^worker is kept$/m);
    expect((await cli(['tasks', `${program.pid}`])).stdout).toMatch(
      /Worker \d+ of process \d+ has not answered/,
    );
    writeFileSync(ofWorker, '');
    await program.writes('stdout', /^worker turns$/m);
    const headOfWorker = /^aevent: 0 tasks, .*Worker \d+\)$/m;
    let { stdout } = await cli(['tasks', `${program.pid}`]);
    // On a busy machine it may be late to answer once more.
    for (let i = 0; i < 4 && !headOfWorker.test(stdout); i++)
      ({ stdout } = await cli(['tasks', `${program.pid}`]));
    expect(stdout).toMatch(headOfWorker);
    program.child.stdin?.write('\n');
    await program.writes('stdout', /^main is kept$/m);
    const late = node([join(dist, 'cli.js'), 'tasks', `${program.pid}`]);
    await late.writes(
      'stderr',
      /^aevent: process \d+ has not answered yet: something keeps its event loop\./,
    );
    writeFileSync(ofMain, '');
    expect((await late.ended()).code).toBe(0);
  });

  it('ends by itself, whoever asks', async () => {
    const program = node(
      ['--import', join(dist, 'register.js'), '-e', 'import("aevent").then((a) => a.call(() => {}))'],
      {
        AEVENT_DEBUG: 'inspect,tasks',
      },
    );
    expect(await program.ended()).toMatchObject({ code: 0, stderr: '' });
  });
});

it('a signal has a process print its tasks to stderr, and those of its Workers', async () => {
  const program = await waiting('tasks:SIGHUP');
  program.child.kill('SIGHUP');
  const text_ = await program.writes('stderr', /Worker[\s\S]*^deadlock/m);
  for (const line of [...tree, ...ofMain]) expect(text_).toMatch(line);
  expect((await cli(['tasks', `${program.pid}`])).stderr).toBe(
    `aevent: process ${program.pid} cannot be asked. Start it with AEVENT_DEBUG=inspect.\n`,
  );
});

it('prints a program under aevent/auto as such, and nothing of what prints it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'aevent-debug-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'program.mjs');
  writeFileSync(
    file,
    'import { sleepSync } from "node:timers";\nsetTimeout(() => process.kill(process.pid, "SIGUSR2"), 100);\n' +
      'setTimeout(function inner() { sleepSync(5000); });\nconsole.log("sleeps");\nsleepSync(500);\nprocess.exit();\n',
  );
  const { stderr, code } = await node(['--import', join(dist, 'auto.js'), file], {
    AEVENT_DEBUG: 'tasks',
  }).ended();
  expect(code).toBe(0);
  expect(stderr).toMatch(/the program: waits in sleepSync\(500\)/);
  expect(stderr).toMatch(/a callback: waits in sleepSync\(5000\)[^\n]*\n.* at inner /);
  expect(stderr).toMatch(/^aevent: 0 tasks, 2 suspended calls/);
});

describe('aevent tasks', () => {
  it('says that there is no such process', async () => {
    expect(await cli(['tasks', '999999999'])).toEqual({
      stdout: '',
      stderr: 'aevent: there is no process 999999999.\n',
      code: 1,
    });
  });

  it.each([[[]], [['1', '2']], [['x']], [['1', '--nonsense']], [['-1']]])('%j is misuse', async (args) => {
    const { stderr, code } = await cli(['tasks', ...args]);
    expect([stderr.slice(0, 26), code]).toEqual(['Usage: aevent tasks <pid> ', 2]);
  });

  // As data they are more than a socket holds. Under `thread` each takes a thread of the system.
  const many = process.env.AEVENT_BACKEND === 'thread' ? 2000 : 5000;
  it(`shows ${many} tasks in short`, async () => {
    const program = await waiting('inspect', `${many}`);
    const [short, json] = [
      await cli(['tasks', `${program.pid}`]),
      await cli(['tasks', `${program.pid}`, '--json', '--no-stacks']),
    ];
    expect(short.stdout).toMatch(new RegExp(`^aevent: ${many + 6} tasks`));
    expect(short.stdout).toContain(`(and ${many - 5} more tasks that wait at the same places)`);
    expect(short.stdout.length).toBeLessThan(10_000);
    expect((JSON.parse(json.stdout) as Tasks[])[0]?.live).toBe(many + 6);
  });
});

it.skipIf(uid !== 0)('a directory that others could enter is not used, and the process says so', async () => {
  // As another user, whose directory a third one made.
  const other = 54_321;
  const directory = directoryOf(other);
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o777);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const program = `process.setuid(${other}); import(${JSON.stringify(join(dist, 'register.js'))});`;
  const { stderr } = await node(['-e', program], { AEVENT_DEBUG: 'inspect' }).ended();
  expect(stderr).toContain('AEVENT_NOT_INSPECTABLE');
  expect(stderr).toContain(`${directory} is not a directory that only this user can enter`);
});

describe('aevent doctor', () => {
  it('says what runs, what is replaced, and what the system allows', async () => {
    const { stdout, stderr, code } = await cli(['doctor']);
    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout).toContain(`node: Node ${process.version}, ${process.platform} ${process.arch}`);
    expect(stdout).toMatch(/^ok +backend: (fiber|thread): /m);
    expect(stdout).toMatch(/^ok +replaced: by aevent\/register: child_process, /m);
    expect(stdout).toMatch(/^\w+ +limits: some \d+ tasks can be suspended at once/m);
    expect(stdout).not.toContain('PROBLEM');
  });

  it('tells how it is called', async () => {
    const { stdout, code } = await cli(['doctor', '--help']);
    expect([stdout.slice(0, 44), code]).toEqual(['Usage: aevent doctor [--json] [node options]', 0]);
  });

  it('finds problems, as data too, and ends with 1', async () => {
    const { stdout, code } = await cli(['doctor', '--json'], { AEVENT_BACKEND: 'native' });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toContainEqual({
      level: 'problem',
      about: 'backend',
      text: 'native, so every call blocks: AEVENT_BACKEND asks for it',
      advice: 'Leave AEVENT_BACKEND=native, or setup({ backend }), out.',
    });
  });
});

it("a report that a program has Node make has aevent's tasks", async () => {
  const directory = mkdtempSync(join(tmpdir(), 'aevent-report-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const program = `
    import aevent from ${JSON.stringify(join(dist, 'index.js'))};
    import { readFileSync } from 'node:fs';
    await aevent.call(function reporting() {
      const { header, aevent: got } = process.report.getReport();
      process.report.directory = ${JSON.stringify(directory)};
      const name = process.report.writeReport('written.json');
      const { aevent: written } = JSON.parse(readFileSync(process.report.directory + '/' + name, 'utf8'));
      for (const { info, tasks, metrics } of [got, written])
        console.log(typeof header, info.backend, tasks.roots[0].name, metrics.tasks.started);
    });
  `;
  const file = join(directory, 'program.mjs');
  writeFileSync(file, program);
  const { stdout } = await node(['--import', join(dist, 'register.js'), file]).ended();
  const line = expect.stringMatching(/^object (fiber|thread) reporting#1 1$/);
  expect(stdout.trim().split('\n')).toEqual([line, line]);
});

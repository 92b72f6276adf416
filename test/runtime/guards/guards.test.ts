// What aevent finds out about V8, Node and the system, taken away piece by piece: the part that needs it is off, says
// why in info(), and the program goes on.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, node } from '../child.js';

interface Report {
  parked: number;
  first: { done: number; refused: Record<string, { count: number; message: string }> };
  second: { done: number };
  backend: string;
  reason: string;
  features: Record<string, string>;
  counters: Record<string, number>;
  inScope: string;
  perTask: string;
  stores: unknown[];
}

const linux = process.platform === 'linux';
const x64Linux = linux && process.arch === 'x64';
const asked = process.env.AEVENT_BACKEND || 'fiber';
const isFiber = asked === 'fiber';
const here = (name: string): string => join(import.meta.dirname, name);
let dir = '';

const compile = (name: string): void => {
  const args = ['-O1', '-shared', '-fPIC', '-fno-builtin', here(`${name}.c`), '-o', join(dir, `${name}.so`)];
  execFileSync(process.env.CC ?? 'cc', args);
};

async function report(env: NodeJS.ProcessEnv, tasks = 10, flags: string[] = []): Promise<Report> {
  const ended = await node([...flags, here('tasks.mjs'), String(tasks)], { AEVENT_BACKEND: asked, ...env });
  return parsed(ended);
}

function parsed({ stdout, stderr, code, signal }: Ended): Report {
  if (code !== 0 || stderr !== '') throw new Error(`ended with ${signal ?? code}\n${stdout}${stderr}`);
  return JSON.parse(stdout) as Report;
}

const interposed = (env: NodeJS.ProcessEnv, tasks?: number): Promise<Report> =>
  report({ LD_PRELOAD: join(dir, 'interpose.so'), ...env }, tasks);

const broken = (what: string, env: NodeJS.ProcessEnv = {}): Promise<Report> =>
  report({ BREAK: what, ...env }, 10, ['--import', here('broken.mjs')]);

/** All tasks ran, suspended, side by side. */
const allRan = { parked: 10, first: { done: 10, refused: {} }, second: { done: 10 } };
const everythingOn = { asyncHooksStack: 'on', callbackScopeDepth: 'on', pump: 'on' };

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'aevent-guards-'));
  if (linux) for (const name of ['interpose', 'allocator']) compile(name);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe.runIf(linux)('a probe of the native core that finds nothing', () => {
  it('is switched off, and nothing else is, where V8 hides its microtask queue', async () => {
    const size = "the size of V8's microtask queue was not found by probing";
    const running = "V8's is_running_microtasks flag was not found by probing";
    const suppressions = "V8's microtask suppression count was not found by probing";
    const hidden = [
      ['8', `${size}; ${running}; ${suppressions}`],
      ['64', `${running}; ${suppressions}`],
      ['72', running],
      ['0', "the allocator does not tell how large V8's microtask queue is"],
      ['99999999999', "the allocator does not tell how large V8's microtask queue is"],
    ] as const;
    for (const [bytes, reason] of hidden) {
      expect(await interposed({ USABLE_QUEUE: bytes })).toMatchObject({
        ...allRan,
        backend: asked,
        features: { ...everythingOn, pump: reason },
        inScope: 'done',
        perTask: 'AEVENT_NO_PUMP',
      });
    }
  });

  it('is switched off where PerformCheckpoint is in another virtual slot', async () => {
    expect(await broken('microtask slot')).toMatchObject({
      ...allRan,
      backend: asked,
      features: {
        ...everythingOn,
        pump: 'MicrotaskQueue::PerformCheckpoint is not in the virtual slot that its pointer tells',
      },
      perTask: 'AEVENT_NO_PUMP',
    });
  });

  it('is switched off where the callback-scope depth is not found, and what needs it is refused', async () => {
    const hidden = [
      ['64', "Node's callback-scope depth was not found by probing (0 candidates)"],
      ['0', "the allocator does not tell how large Node's Environment is"],
      ['99999999999', "the allocator does not tell how large Node's Environment is"],
    ] as const;
    for (const [bytes, reason] of hidden) {
      expect(await interposed({ USABLE_ENVIRONMENT: bytes })).toMatchObject({
        ...allRan,
        backend: asked,
        features: { ...everythingOn, callbackScopeDepth: reason },
        inScope: 'AEVENT_NO_PORTAL',
        perTask: 'done',
      });
    }
  });
});

describe("where Node's async_wrap cannot be had", () => {
  it.each([
    ['no inspector', "Node's async_wrap binding could not be reached: the inspector is not for you"],
    [
      'no closure',
      "Node's async_wrap binding could not be reached: no closure of executionAsyncId() holds it",
    ],
    ['other arrays', "Node's async_wrap binding does not have the arrays that aevent knows"],
  ])('%s: no backend switches stacks, and info() says why', async (what, reason) => {
    const found = await broken(what, { AEVENT_BACKEND: '' });
    expect(found).toMatchObject({
      parked: 0,
      first: { done: 0, refused: { AEVENT_NO_PORTAL: { count: 10 } } },
      backend: 'native',
      features: { asyncHooksStack: reason },
    });
    expect(found.reason).toContain(`thread: ${reason}`);
  });
});

const contextFrameFlag: Record<string, string> = {
  22: '--experimental-async-context-frame',
  24: '--no-async-context-frame',
  26: '--no-async-context-frame',
};

describe('whose the continuation data is', () => {
  const flag = contextFrameFlag[process.versions.node.split('.')[0] as string];

  it.runIf(flag)('is told from what Node does, not from its flags', async () => {
    const flags = [flag as string, '--import', here('broken.mjs')];
    expect(await report({ BREAK: 'flags' }, 10, flags)).toMatchObject({
      ...allRan,
      features: everythingOn,
      stores: [1, 2],
      inScope: 'done',
      perTask: 'done',
    });
  });
});

describe('a backend that does not work', () => {
  it.runIf(x64Linux)('fiber gives way to thread where its self-test goes wrong', async () => {
    expect(await broken('self-test', { AEVENT_BACKEND: '' })).toMatchObject({
      ...allRan,
      backend: 'thread',
      reason: 'fiber: the self-test went wrong (parked)',
      features: everythingOn,
    });
  });

  it.runIf(x64Linux)('fiber gives way to thread in a process with CET shadow stacks', async () => {
    const reason = 'this process runs with CET shadow stacks, which forbid switching stacks';
    expect(await interposed({ SHADOW_STACK: '1', AEVENT_BACKEND: '' })).toMatchObject({
      ...allRan,
      backend: 'thread',
      reason: `fiber: ${reason}`,
      features: everythingOn,
    });
  });

  it.runIf(x64Linux)('fiber is refused with CET shadow stacks if it was asked for', async () => {
    const { stdout, stderr, code } = await node([here('tasks.mjs'), '1'], {
      AEVENT_BACKEND: 'fiber',
      SHADOW_STACK: '1',
      LD_PRELOAD: join(dir, 'interpose.so'),
    });
    expect(stderr).toContain('AEVENT_BACKEND asks for the backend');
    expect(stderr).toMatch(/'fiber', which can't work here: .*CET shadow stacks.*Valid are: thread, native/);
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
  });

  it.runIf(x64Linux)('fiber gives way to thread where the system does not tell a stack', async () => {
    expect(await interposed({ FAILING_STACK_INFO: '1', AEVENT_BACKEND: '' })).toMatchObject({
      ...allRan,
      backend: 'thread',
      reason: 'fiber: the system gave no stack for a carrier: Cannot allocate memory',
    });
  });

  it.runIf(x64Linux && isFiber)('fiber switches by system calls where FSGSBASE is missing', async () => {
    expect(await interposed({ NO_FSGSBASE: '1' })).toMatchObject({
      ...allRan,
      backend: 'fiber',
      features: {
        ...everythingOn,
        fsgsbase: 'the kernel does not allow FSGSBASE: each switch takes a system call, arch_prctl',
      },
      inScope: 'done',
      perTask: 'done',
    });
  });

  it.runIf(linux)(
    'a Node of musl gets the core for musl, and an error that names it where there is none',
    async () => {
      const musl = `aevent-linux-${process.arch}-musl-abi${process.versions.modules}.node`;
      const { stderr, code } = await node(['--import', here('broken.mjs'), here('tasks.mjs')], {
        BREAK: 'musl',
      });
      expect(code).toBe(1);
      expect(stderr).toContain('AEVENT_NO_BINARY');
      expect(stderr).toMatch(
        new RegExp(`no native core for Node ${process.version}: .*/${musl} was not found`),
      );
    },
  );
});

describe.runIf(linux)('another allocator', () => {
  const libraries = '/usr/lib/x86_64-linux-gnu';
  const installed = ['libjemalloc.so.2', 'libtcmalloc_minimal.so.4'].map((name) => join(libraries, name));
  const works = { ...allRan, backend: asked, features: everythingOn, inScope: 'done', perTask: 'done' };

  it('changes nothing', async () => {
    expect(await report({ LD_PRELOAD: join(dir, 'allocator.so') })).toMatchObject(works);
  });

  it.each(installed.filter((file) => existsSync(file)))('%s changes nothing', async (file) => {
    expect(await report({ LD_PRELOAD: file })).toMatchObject(works);
  });
});

describe.runIf(linux)('where the system gives no further stack', () => {
  // Those that got one are done; each of the others has a clear error; the process lives, and serves the next ones.
  function expectSomeRefused(found: Report, tasks: number, most: number): void {
    const { done, refused } = found.first;
    expect(Object.keys(refused)).toEqual(['AEVENT_NO_CARRIER']);
    expect(done + (refused.AEVENT_NO_CARRIER?.count ?? 0)).toBe(tasks);
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThanOrEqual(most);
    expect(found).toMatchObject({
      parked: done,
      second: { done: Math.min(done, 50), refused: {} },
      backend: asked,
      inScope: 'done',
      perTask: 'done',
    });
    expect(found.counters.carriersRefused).toBeGreaterThan(0);
    expect(refused.AEVENT_NO_CARRIER?.message).toMatch(
      /^A task could not be started: .*\. \d+ stacks are in use, .* raise ulimit -u, ulimit -v, .*max_map_count\.$/,
    );
  }

  it('no thread, as at ulimit -u: the task that wants it gets an error', async () => {
    expectSomeRefused(await interposed({ MOST_THREADS: '40' }, 100), 100, 40);
  });

  it('no mapping (vm.max_map_count): the task that wants it gets an error', async () => {
    const most = readFileSync('/proc/sys/vm/max_map_count', 'utf8').trim();
    const tasks = 1500;
    if (Number(most) > 1_000_000) return; // taking as many would take seconds
    expectSomeRefused(await interposed({ MAX_MAP_COUNT: most, MAPPINGS_LEFT: '2500' }, tasks), tasks, 1300);
  });

  it('no address space (ulimit -v): the task that wants it gets an error', async () => {
    const { VmPeak } = sizesOfIdleNode();
    const limitKiB = VmPeak + 800 * 1024;
    const command = `ulimit -v ${limitKiB} && exec "$0" "$@"`;
    const stdout = execFileSync('sh', ['-c', command, process.execPath, here('tasks.mjs'), '500'], {
      env: { ...process.env, AEVENT_BACKEND: asked, NODE_OPTIONS: '' },
      encoding: 'utf8',
    });
    expectSomeRefused(JSON.parse(stdout) as Report, 500, 400);
  });
});

function sizesOfIdleNode(): { VmPeak: number } {
  const script = `require('fs').statSync('.'); process.stdout.write(require('fs').readFileSync('/proc/self/status'))`;
  const status = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  return { VmPeak: Number(/VmPeak:\s*(\d+)/.exec(status)?.[1]) };
}

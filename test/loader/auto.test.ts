import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { json, node, stripsTypes } from './child.js';

const entries = ['top-level.mjs', 'top-level.cjs', 'top-level.js', 'commonjs/top-level.js'];
const typed = ['top-level.mts', 'top-level-esm.ts', 'top-level.cts', 'commonjs/top-level.ts'];

describe.concurrent.each([
  ['--import aevent/auto', ['--import', 'aevent/auto']],
  ['-r aevent/auto', ['-r', 'aevent/auto']],
  ['the command aevent', ['../../../dist/loader/cli.js']],
])('%s', (_, args) => {
  it.each(stripsTypes ? [...entries, ...typed] : entries)(
    'lets the top level of %s suspend',
    async (entry) => {
      expect(await json([...args, entry])).toEqual({ portal: true, word: 'word\n', loopTurned: true });
    },
  );

  it('opts every callback in', async () => {
    const portals = (await json([...args, 'callbacks.mjs'])) as Record<string, boolean>;
    expect(Object.keys(portals).filter((callback) => !portals[callback])).toEqual([]);
    expect(Object.keys(portals)).toHaveLength(6);
  });

  it('has an import of the entry point wait while its top level suspends', async () => {
    expect(await json([...args, 'imports-itself.mjs'])).toBe('whole');
  });

  it('reports what the top level throws after it has suspended', async () => {
    const { stderr, code } = await node([...args, 'throws-late.cjs']);
    expect(stderr).toMatch(/throws-late\.cjs:\d+[\s\S]*Error: late/);
    expect(code).toBe(1);
  });
});

// Node 20 has a thread of hooks, for which the loop turns.
it.skipIf(process.version.startsWith('v20.'))(
  'does not turn the loop of a program that leaves it empty',
  async () => {
    const program = "setImmediate(() => console.log('turned')).unref()";
    expect(await node(['--import', 'aevent/auto', '-e', program])).toMatchObject({ stdout: '', code: 0 });
  },
);

describe.concurrent('the program as a runner', () => {
  it('has threads at top level, whose callbacks own an RLock each', async () => {
    expect(await json(['--import', 'aevent/auto', 'auto-threads.mjs'])).toEqual([
      ...['main', 'thread', 'joined'],
      ...['a in', 'a out', 'b in', 'b out'],
    ]);
  });

  it('has the error of a spawned task be an uncaught exception', async () => {
    const { stdout, stderr, code } = await node(['--import', 'aevent/auto', 'auto-spawn.mjs']);
    expect([stdout, code]).toEqual(['spawned\n', 1]);
    expect(stderr).toMatch(/auto-spawn\.mjs:\d+[\s\S]*Error: of the task/);
  });
});

describe.concurrent('a module that is evaluated inside a task', () => {
  const seen = { task: true, required: false, 'task, afterwards': true, imported: true };
  const register = ['--import', 'aevent/register'];

  it('runs natively where require() evaluates it, so that nobody sees half of it', async () => {
    expect(await json([...register, 'evaluation.mjs'])).toEqual(seen);
  });

  it('may suspend with suspendInRequire', async () => {
    const options = '{"suspendInRequire":true}';
    expect(await json([...register, 'evaluation.mjs', options])).toEqual({ ...seen, required: true });
  });

  it('is waited for by others that import it', async () => {
    expect(await json([...register, 'imports-half.mjs'])).toEqual(['whole', 'whole']);
  });
});

it('leaves the REPL as it is: results, errors, several lines, await and .exit', () => {
  const lines = ['if (true) {', '1 + 1', '}', "require('child_process').execSync('echo hi').toString()"];
  const input = [...lines, 'missing', "await Promise.resolve('later')", '.exit', ''].join('\n');
  const repl = (...args: string[]): string =>
    execFileSync(process.execPath, [...args, '-i'], { input, encoding: 'utf8' }).replace(/\n +at .*/g, '');
  const plainly = repl();
  expect(plainly).toContain("'later'");
  expect(repl('--import', 'aevent/auto')).toBe(plainly);
});

describe.concurrent('a program that does not import aevent', () => {
  const auto = ['--import', 'aevent/auto', '-e'];

  it('has the section of reports of Node', async () => {
    const script = 'console.log(JSON.stringify(Object.keys(process.report.getReport().aevent)))';
    expect(await json([...auto, script])).toEqual(['info', 'metrics', 'tasks']);
  });

  it('is told what waits at its end, and where', async () => {
    const script =
      "const { EventEmitter, onceSync } = require('node:events'); onceSync(new EventEmitter(), 'never')";
    const { stderr, code } = await node([...auto, `setImmediate(function asks() { ${script} })`]);
    expect(stderr).toMatch(/still wait and nobody can wake them:\n {2}.*onceSync.*\n {4}at .*asks/);
    expect(code).toBe(13);
  });
});

describe.concurrent('node --test', () => {
  it('passes a synchronous test that suspends past its timeout, as it passes one that blocks, and the next', async () => {
    const { stdout, code } = await node([
      ...['--import', 'aevent/auto', '--test', '--test-reporter=tap'],
      'test-timeout.mjs',
    ]);
    expect(stdout).toMatch(/^# pass 2$/m);
    expect(stdout).not.toContain('asynchronous activity');
    expect(code).toBe(0);
  });
});

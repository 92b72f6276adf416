// Processes that end while calls of threads are under way, threads that die in the midst of them, and what is held of their objects.
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { call, inThread, run } from '../../../dist/runtime/index.js';
import { thrownBy } from '../../support/tools.js';
import { node } from '../child.js';

type Objects = typeof import('../fixtures/thread-objects.cjs');
const file = fileURLToPath(new URL('../fixtures/thread-objects.cjs', import.meta.url));
const isNative = process.env.AEVENT_BACKEND === 'native';
/** In the fixture: 100,000 by hand. */
const OBJECTS = process.env.AEVENT_TEST_OBJECTS ?? '10000';
/** What one that is not let go of takes is more. */
const BYTES_AN_OBJECT = 50;

describe.skipIf(isNative)('with calls under way a process', () => {
  it.each([
    ['ends by process.exit()', 'exit', { code: 7, signal: null }],
    ['ends by an error', 'throw', { code: 1, signal: null }],
    ['ends by a signal', 'kill', { code: null, signal: 'SIGTERM' }],
    ['ends by process.exit() in a callback', 'exit-in-a-callback', { code: 7, signal: null }],
  ])('%s', async (_, program, end) => {
    expect(await node(['threads-end.mjs', program])).toMatchObject({ stdout: '', ...end });
  });
});

it('a process ends by process.exit() in a callback of a call that blocks', async () => {
  expect(await node(['threads-end.mjs', 'exit-in-a-callback-that-blocks'])).toMatchObject({
    stdout: '',
    stderr: '',
    code: 7,
  });
});

it('threads start whatever options of V8 and of the process there are', async () => {
  const options = ['--no-opt', '--title=aevent', '--stack-size=900'];
  const { stderr, code } = await node([...options, 'threads-end.mjs', 'exit-in-a-callback-that-blocks']);
  expect([stderr, code]).toEqual(['', 7]);
});

it.skipIf(isNative)('listeners of exit use what threads have', async () => {
  const { stdout, stderr, code } = await node(['threads-end.mjs', 'used-at-exit']);
  expect([stdout, stderr, code]).toEqual(['sides 3\ntwice 6\n', '', 0]);
});

it.skipIf(isNative)(
  'an error that ends a thread while no call is under way is an uncaught exception',
  async () => {
    const { stdout, stderr, code } = await node(['threads-end.mjs', 'late-errors']);
    expect([stdout, stderr, code]).toEqual(['RangeError of the module\nTypeError of the callback\n', '', 0]);
  },
);

it.skipIf(isNative)(
  'two threads whose callbacks wait for each other are a deadlock, which names both',
  async () => {
    const { stderr, code } = await node(['threads-end.mjs', 'deadlock']);
    expect(code).toBe(13);
    expect(stderr).toMatch(/one#\d+: waits in turn for thread of .*thread-objects\.cjs: echo/);
    expect(stderr).toMatch(/two#\d+: waits in turn for thread of .*thread-objects\.cjs: echo/);
  },
);

// Takes minutes where each instruction is emulated.
it.skipIf(isNative || process.env.AEVENT_TEST_EMULATED === '1')(
  'objects and callbacks that are dropped are let go of on both sides',
  async () => {
    const { stdout, stderr } = await node(['--expose-gc', 'threads-end.mjs', 'leaks', OBJECTS]);
    expect(stderr).toBe('');
    const seen = JSON.parse(stdout) as [number, number][];
    const [first, last] = [seen[1], seen.at(-1)] as [[number, number], [number, number]];
    const made = (3 / 5) * Number(OBJECTS);
    expect((last[0] - first[0]) / made).toBeLessThan(BYTES_AN_OBJECT);
    expect((last[1] - first[1]) / made).toBeLessThan(BYTES_AN_OBJECT);
  },
);

it('a thread that dies in a callback that calls back in is an error for all that wait for it', async () => {
  for (const way of ['die', 'fillMemory'] as const) {
    const options = { resourceLimits: { maxOldGenerationSizeMb: 16 } };
    const check = (): void => {
      const dying = inThread<Objects>(file, options);
      let inner: unknown;
      const outer = thrownBy(() =>
        dying.through(() => {
          inner = thrownBy(() => dying[way]());
        }),
      );
      expect(inner).toMatchObject({ code: 'AEVENT_THREAD_ENDED' });
      expect(outer).toMatchObject({ code: 'AEVENT_THREAD_ENDED' });
    };
    check();
    if (isNative) continue;
    await run(async () => {
      check();
      const dying = inThread<Objects>(file, options);
      const { [way]: end, echo } = dying;
      const calls = [call(() => end()), ...Array.from({ length: 5 }, () => call(() => echo(1)))];
      const ends = await Promise.allSettled(calls);
      expect(ends.map((end) => (end as PromiseRejectedResult).reason?.code)).toEqual(
        Array.from({ length: 6 }, () => 'AEVENT_THREAD_ENDED'),
      );
    });
  }
});

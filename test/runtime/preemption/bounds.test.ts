// Where no slice is taken, what has no cost, and what becomes of it where interrupts cannot be relied on.
import { runInThisContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import {
  call,
  failAfter,
  info,
  native,
  preemptible,
  setup,
  TooSlowError,
} from '../../../dist/runtime/index.js';
import { thrownBy, together } from '../../support/tools.js';
import { json } from '../child.js';

const step = (depth: number): number => (depth === 0 ? 1 : step(depth - 1) + 1);
const slices = (): number => info().preemption.slices;
const inV8 = (): number => info().preemption.notNow.inV8;

/** Calls functions all the time, for `ms`; gives how many slices were taken meanwhile. */
function slicesIn(ms: number): number {
  const before = slices();
  for (const end = performance.now() + ms; performance.now() < end; ) step(20);
  return slices() - before;
}

describe('no slice is taken', () => {
  it.each<[string, (fn: () => number) => number]>([
    ['native()', (fn) => native(fn)],
    ['code of vm that has a time limit', (fn) => runInThisContext('(fn) => fn()', { timeout: 5000 })(fn)],
    ['a preemptible() in native()', (fn) => native(() => preemptible(fn))],
  ])('in %s', async (name, inside) => {
    await call(() => preemptible(step, 1));
    const taken = await call(() => preemptible(() => inside(() => slicesIn(40))));
    // The limit holds for the call that compiles, not for the function that it gives.
    if (name.startsWith('code of vm')) expect(taken).toBeGreaterThan(0);
    else expect(taken).toBe(0);
  });

  it('in a module that require() evaluates', async () => {
    expect(await json<unknown>(['--import', 'aevent/register', 'sliced-require.cjs'])).toEqual({
      inside: 0,
      sliced: true,
    });
  });

  it("in Node's own JavaScript: the program's is on top of each stack that is put aside", async () => {
    const { tops, own, slices, inNode } = await json<{
      tops: Record<string, number>;
      own: string;
      slices: number;
      inNode: number;
    }>(['sliced-above-node.mjs']);
    expect(Object.keys(tops)).toEqual([own]);
    expect(slices).toBeGreaterThan(0);
    expect(inNode).toBeGreaterThan(0);
  });

  it('in a regular expression, and soon after it', async () => {
    const evil = (): boolean => /^(a+)+$/.test(`${'a'.repeat(23)}!`); // Some 2 ** 23 steps.
    const alone = await call(() =>
      preemptible(() => {
        const before = { slices: slices(), inV8: inV8() };
        const found = evil();
        const asked = inV8() - before.inV8;
        // The calls of info() may be where it is put aside.
        const taken = slices() - before.slices;
        return [found, asked > 0, taken <= 2, slicesIn(100) > 0];
      }),
    );
    expect(alone).toEqual([false, true, true, true]);
    expect(await together(3, () => preemptible(evil))).toEqual([false, false, false]);
  });

  it('in a loop of WebAssembly, which is named', async () => {
    const { right, slices, inV8, why } = await json<Record<string, unknown>>(['sliced-wasm.mjs']);
    expect({ right, slices }).toEqual({ right: true, slices: 0 });
    expect(inV8).toBeGreaterThan(0);
    expect(why).toMatch(/^V8 can be ended there, but not sliced: .*WebAssembly/);
  });
});

describe('a slice', () => {
  it('is as long as preemptible() and setup() say', async () => {
    const long = preemptible(slicesIn, { sliceMs: 60_000 });
    const short = preemptible(slicesIn, { sliceMs: 0.1 });
    expect(await call(() => long(60))).toBe(0);
    expect(await call(() => short(60))).toBeGreaterThan(1);
    setup({ sliceMs: 60_000 });
    expect(await call(() => preemptible(slicesIn, 60))).toBe(0);
    setup({ sliceMs: 5 });
    expect(await call(() => preemptible(slicesIn, 200))).toBeGreaterThan(1);
  });

  it('of an inner preemptible() is its own, and that of the outer one holds after it', async () => {
    const inner = preemptible(slicesIn, { sliceMs: 60_000 });
    const outer = preemptible(() => [inner(60), slicesIn(60) > 0], { sliceMs: 0.1 });
    expect(await call(outer)).toEqual([0, true]);
  });
});

describe('one call of native code', () => {
  it('is not ended by a deadline before it returns, but then at once', async () => {
    const text = JSON.stringify(Array.from({ length: 400_000 }, (_, i) => ({ i })));
    const seen: string[] = [];
    const error = await call(() =>
      thrownBy(() =>
        failAfter(20, () =>
          preemptible(() => {
            seen.push('begins');
            JSON.parse(text);
            for (;;) step(10);
          }),
        ),
      ),
    );
    expect(error).toBeInstanceOf(TooSlowError);
    expect(seen).toEqual(['begins']);
  });
});

describe('slices cost nothing', () => {
  it.runIf(process.platform === 'linux')('before the first use: no thread is started', async () => {
    expect(await json<unknown>(['--import', 'aevent/register', 'sliced-threads.mjs'])).toEqual({
      unused: 0,
      used: 1,
    });
  });
});

describe('where interrupts do not come as expected', () => {
  it.each([
    ['no natives syntax', "V8's natives syntax lacks what its functions' places are learned by"],
    ['no interrupt', 'an interrupt was asked for in a plain loop, and did not come'],
    ['no thread', 'the system gave no thread (libuv error -11)'],
    ['an error', 'of the core'],
  ])('preemptible() just calls, and info() says why: %s', async (what, why) => {
    expect(await json<unknown>(['sliced-off.mjs', what])).toEqual({
      value: 196418,
      slices: 0,
      beats: 0,
      off: `off: ${why}`,
    });
  });
});

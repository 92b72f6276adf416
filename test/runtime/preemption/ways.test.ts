import { AsyncResource, executionAsyncId, triggerAsyncId } from 'node:async_hooks';
import { join } from 'node:path';
import { createContext, runInContext, runInThisContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import {
  await_,
  call,
  checkpoint,
  failAfter,
  info,
  moveOnAfter,
  preemptible,
  setup,
  TooSlowError,
} from '../../../dist/runtime/index.js';
import { thrownBy, together } from '../../support/tools.js';
import { json, node } from '../child.js';

const auto = join(import.meta.dirname, '../../../dist/loader/auto.js');
const register = join(import.meta.dirname, '../../../dist/loader/register.js');
const step = (depth: number): number => (depth === 0 ? 1 : step(depth - 1) + 1);
const slices = (): number => info().preemption.slices;

/** Computes until it has been sliced `count` times, or for two seconds; gives whether it was. */
function computeFor(count: number): boolean {
  const wanted = slices() + count;
  for (const end = performance.now() + 2000; slices() < wanted && performance.now() < end; )
    for (let i = 0; i < 100; i++) step(20);
  return slices() >= wanted;
}

describe('what is sliced', () => {
  it('gives a ready task its turn before the next slice', async () => {
    let computing = true;
    let turns = 0;
    const others = call(() => {
      while (computing) {
        checkpoint();
        turns++;
      }
    });
    const before = slices();
    await call(() => preemptible(computeFor, 10));
    computing = false;
    await others;
    expect(turns).toBeGreaterThanOrEqual(slices() - before - 2);
  });

  it('wakes from other waits inside as ever', async () => {
    const value = await call(() =>
      preemptible(() => [
        computeFor(1),
        await_(Promise.resolve('a')),
        computeFor(1),
        await_(new Promise((resolve) => setTimeout(resolve, 5, 'b'))),
      ]),
    );
    expect(value).toEqual([true, 'a', true, 'b']);
  });

  it('goes on in generators, getters, proxies, comparators and code of vm', async () => {
    const value = await call(() =>
      preemptible(() => {
        function* numbers(): Generator<boolean> {
          for (let i = 0; i < 3; i++) yield computeFor(1);
        }
        const object = {
          get own() {
            return computeFor(1);
          },
        };
        const proxy = new Proxy({}, { get: () => computeFor(1) }) as { any: boolean };
        const sorted = [3, 1, 2].sort((a, b) => (computeFor(1) ? a - b : b - a));
        const inVm = runInThisContext('(f) => [1, 2].map(() => f(1))')(computeFor) as boolean[];
        return [...numbers(), object.own, proxy.any, sorted, inVm];
      }),
    );
    expect(value).toEqual([true, true, true, true, true, [1, 2, 3], [true, true]]);
  });

  it('goes on in contexts of vm, each with its own', async () => {
    const results = await together(3, (id) =>
      preemptible(() => {
        const context = createContext({ computeFor, id });
        runInContext('var seen = [computeFor(1), id]; const inner = () => [computeFor(1), id]', context);
        return runInContext('[...seen, ...inner()].join()', context);
      }),
    );
    expect(results).toEqual([0, 1, 2].map((id) => `true,${id},true,${id}`));
  });

  it('stays in its async scopes, of any depth', async () => {
    const ids = await together(3, () =>
      preemptible(() => {
        const nested = (depth: number): number[] => {
          const before = [executionAsyncId(), triggerAsyncId()];
          const sliced = computeFor(1);
          const inner = depth > 0 ? new AsyncResource('SLICED').runInAsyncScope(nested, null, depth - 1) : [];
          const after = [executionAsyncId(), triggerAsyncId()];
          return [Number(sliced && String(before) === String(after)), ...inner];
        };
        return nested(3);
      }),
    );
    expect(ids).toEqual(Array(3).fill([1, 1, 1, 1]));
  });

  it('stays in its domains, which get its errors', async () => {
    expect(await json<unknown>(['sliced-domains.mjs'])).toEqual({
      inside: [true, true, true],
      outside: [true, true, true],
      errors: ['error 0', 'error 1', 'error 2'],
    });
  });

  it('is a listener of a stream, a socket, lines or a port, which gets all events, in order', async () => {
    const { seen, sliced } = await json<{ seen: unknown; sliced: boolean }>(
      ['--import', auto, 'sliced-listeners.mjs'],
      { AEVENT_PREEMPT: '1' },
    );
    expect(seen).toEqual({
      stream: 'abc',
      socket: 'abc',
      lines: 'abcd.',
      end: 'abc.',
      before: 'abc',
      awaited: 'a',
      port: 'abc',
    });
    expect(sliced).toBe(true);
  });

  it('adds up by Atomics what several tasks add', async () => {
    const counts = new Int32Array(new SharedArrayBuffer(4));
    const own = await together(3, () =>
      preemptible(() => {
        let added = 0;
        const wanted = slices() + 5;
        for (const end = performance.now() + 2000; slices() < wanted && performance.now() < end; added++) {
          step(500);
          Atomics.add(counts, 0, 1);
        }
        return added;
      }),
    );
    expect(Atomics.load(counts, 0)).toBe(own.reduce((a, b) => a + b));
  });

  it('is a Worker that is a task', async () => {
    const args = ['--import', register, 'sliced-task-worker.cjs'];
    expect(await json<unknown>(args, { AEVENT_PREEMPT: '1' })).toEqual({
      sum: 75025,
      wentOn: true,
      sliced: true,
    });
  });

  it.runIf(process.platform === 'linux')('wakes no thread while nothing computes', async () => {
    const [threads, wakeUps] = await json<[number, number]>(['sliced-idle.mjs']);
    expect(threads).toBeGreaterThan(0);
    expect(wakeUps).toBe(0);
  });

  it('ends a loop in WebAssembly', async () => {
    const bytes = '0061736d01000000010401600000030201000705010166000' + '00a09010700' + '03400c000b0b';
    const { instance } = await WebAssembly.instantiate(Buffer.from(bytes, 'hex'));
    const loop = instance.exports.f as () => void;
    expect(await call(() => thrownBy(() => failAfter(30, () => preemptible(loop))))).toBeInstanceOf(
      TooSlowError,
    );
    expect(await call(() => preemptible(step, 3))).toBe(4);
  });

  it('keeps whole stacks of errors', async () => {
    const stack = await call(() =>
      preemptible(function outermost() {
        return (function inner() {
          computeFor(1);
          return String(new Error('here').stack);
        })();
      }),
    );
    expect(stack).toMatch(/inner[\s\S]*outermost/);
  });

  it('is all, and later nothing, as setup() says', async () => {
    setup({ preempt: 2 });
    expect(await call(() => computeFor(2))).toBe(true);
    setup({ preempt: false, sliceMs: 5 });
    const before = slices();
    await call(() => {
      for (const end = performance.now() + 40; performance.now() < end; ) step(20);
    });
    expect(slices()).toBe(before);
  });

  it.each([
    ['preempt', 'yes'],
    ['preempt', -1],
    ['preempt', Number.NaN],
    ['sliceMs', -1],
    ['sliceMs', Infinity],
    ['sliceMs', '5'],
  ])('setup({ %s: %j }) is an error', (name, value) => {
    expect(thrownBy(() => setup({ [name]: value }))).toMatchObject({
      name: 'TypeError',
      code: 'AEVENT_INVALID_OPTIONS',
    });
  });

  it('is what AEVENT_PREEMPT says, which must make sense', async () => {
    const bad = await Promise.all(
      ['x', '-1', 'Infinity', 'on'].map((value) =>
        node(['--import', auto, '-e', '0'], { AEVENT_PREEMPT: value }),
      ),
    );
    for (const { code, stderr } of bad) {
      expect(code).not.toBe(0);
      expect(stderr).toContain('AEVENT_INVALID_OPTIONS');
      expect(stderr).toContain('Valid are: 1 (slices of 5 ms)');
    }
  });

  it('is a whole server, which answers others meanwhile', async () => {
    const { ended, sliced } = await json<{ ended: string[]; sliced: boolean }>(
      ['--import', auto, 'sliced-server.mjs'],
      {
        AEVENT_PREEMPT: '2',
      },
    );
    expect(sliced).toBe(true);
    expect(ended.slice(-2)).toEqual(['/slow', '/slow']);
  });

  it('ends in Workers, by a deadline and by terminate()', async () => {
    expect(await json<unknown>(['sliced-worker.mjs'])).toEqual(['ended', 75025, 'computes', 1, 6765]);
  });

  it('gives the same beside a debugger, and is in a CPU profile', async () => {
    expect(await json<unknown>(['sliced-beside-debugger.mjs', '11', '30'])).toMatchObject({ wrong: [] });
  });

  it('is nothing where nothing can be suspended', async () => {
    const source = `import aevent from 'aevent';
      const value = await aevent.call(() => aevent.moveOnAfter(1000, () => aevent.preemptible((a) => a + 1, 1)));
      console.log(JSON.stringify([value, aevent.info().preemption.slices, aevent.info().features]));`;
    expect(await json<unknown>(['--input-type=module', '-e', source], { AEVENT_BACKEND: 'native' })).toEqual([
      2,
      0,
      {},
    ]);
  });

  it('leaves what nobody slices alone: no thread, no handle', async () => {
    await call(() => moveOnAfter(1000, () => step(3)));
    const source = `import aevent from 'aevent';
      await aevent.call(() => aevent.checkpoint());
      console.log(JSON.stringify([aevent.info().features.preemption ?? 'not started']));`;
    expect(await json<unknown>(['--input-type=module', '-e', source])).toEqual(['not started']);
  });
});

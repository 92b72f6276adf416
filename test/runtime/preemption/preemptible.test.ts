import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import {
  Cancelled,
  CancelScope,
  call,
  failAfter,
  info,
  moveOnAfter,
  native,
  preemptible,
  TooSlowError,
  taskGroup,
} from '../../../dist/runtime/index.js';
import { thrownBy, together } from '../../support/tools.js';

/** Calls functions all the time, for `ms`; gives how many it has called. */
function compute(ms: number): number {
  let calls = 0;
  const step = (depth: number): number => (depth === 0 ? 1 : step(depth - 1) + 1);
  for (const end = performance.now() + ms; performance.now() < end; ) calls += step(20);
  return calls;
}

/** Computes until `done`, or for two seconds. */
function computeUntil(done: () => boolean): boolean {
  for (const end = performance.now() + 2000; performance.now() < end; ) {
    compute(1);
    if (done()) return true;
  }
  return false;
}

const slices = (): number => info().preemption.slices;

describe('preemptible', () => {
  it('lets the event loop turn while it computes', async () => {
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    expect(await call(() => preemptible(computeUntil, () => turned))).toBe(true);
    expect(info().features.preemption).toBe('on');
    expect(info().preemption.slices).toBeGreaterThan(0);
  });

  it('lets tasks compute side by side, one slice a turn', async () => {
    const seen: number[] = [];
    const results = await together(3, (id) =>
      preemptible(() => computeUntil(() => seen.push(id) > 0 && new Set(seen).size === 3)),
    );
    expect(results).toEqual([true, true, true]);
  });

  it('gives the value, throws the error, passes the arguments on', async () => {
    const error = new Error('of the function');
    const outcome = await call(() => [
      preemptible((a: number, b: string) => `${a}${b}`, 1, 'two'),
      thrownBy(() =>
        preemptible(() => {
          throw error;
        }),
      ),
    ]);
    expect(outcome).toEqual(['1two', error]);
  });

  it('makes a function of its own with options, which keeps this', async () => {
    const object = {
      name: 'object',
      hello: preemptible(
        function (this: { name: string }, word: string) {
          return `${word} ${this.name}`;
        },
        { sliceMs: 1 },
      ),
    };
    expect(object.hello('hello')).toBe('hello object');
    expect(await call(() => object.hello('hello'))).toBe('hello object');
  });

  it('just calls outside of a task', () => {
    const before = slices();
    expect(preemptible((ms: number) => compute(ms) > 0, 30)).toBe(true);
    expect(slices()).toBe(before);
  });

  it('nests', async () => {
    const results = await call(() =>
      preemptible(() => [preemptible(() => compute(20) > 0), compute(20) > 0, preemptible(() => 'inner')]),
    );
    expect(results).toEqual([true, true, 'inner']);
  });

  it('slices nothing in native(), nor after it has returned', async () => {
    const counts = await call(() => {
      preemptible(() => compute(1));
      const begin = slices();
      preemptible(() => native(() => compute(50)));
      const inNative = slices();
      compute(50);
      return [inNative - begin, slices() - inNative];
    });
    // Between native()'s return and its own there is hardly anything to be interrupted in.
    expect(counts[0]).toBeLessThanOrEqual(1);
    expect(counts[1]).toBe(0);
  });

  it('keeps the async context of each task', async () => {
    const storage = new AsyncLocalStorage<number>();
    const results = await together(3, (id) =>
      storage.run(id, () => preemptible(() => [compute(30) > 0, storage.getStore()])),
    );
    expect(results.map(([, store]) => store)).toEqual([0, 1, 2]);
  });

  it.each([
    ['no function', () => preemptible(1 as never), 'AEVENT_INVALID_ARGUMENT'],
    ['a negative slice', () => preemptible(() => 1, { sliceMs: -1 }), 'AEVENT_INVALID_OPTIONS'],
    ['an infinite slice', () => preemptible(() => 1, { sliceMs: Infinity }), 'AEVENT_INVALID_OPTIONS'],
    [
      'a slice that is no number',
      () => preemptible(() => 1, { sliceMs: '5' as never }),
      'AEVENT_INVALID_OPTIONS',
    ],
  ])('refuses %s', (_, act, code) => {
    expect(thrownBy(act)).toMatchObject({ name: 'TypeError', code });
  });
});

describe('a deadline of computing', () => {
  const evil = /^(a+)+$/;
  const endless: Record<string, () => unknown> = {
    'an empty loop': () => {
      for (;;);
    },
    'a loop that calls': () => {
      for (;;) compute(1);
    },
    'a loop that catches all': () => {
      for (;;) {
        try {
          for (;;);
        } catch {
          // goes on
        }
      }
    },
    'a regular expression that backtracks': () => evil.test(`${'a'.repeat(40)}!`),
    'a replacement that backtracks': () => `${'a'.repeat(40)}!`.replace(/^(a+)+$/, ''),
    sorting: () => {
      const list = Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 100_003);
      for (;;) list.slice().sort((a, b) => a - b);
    },
    recursion: () => {
      const both = (n: number): number => (n > 60 ? 0 : both(n + 1) + both(n + 1));
      return both(0);
    },
    'BigInt work': () => {
      for (let x = 3n; ; ) x = (x * x) % (1n << 2000n);
    },
    'the same, nested': () =>
      preemptible(() => {
        for (;;);
      }),
  };

  it.each(Object.keys(endless))('ends %s', async (name) => {
    const outcome = await call(() =>
      thrownBy(() => failAfter(30, () => preemptible(endless[name] as () => unknown))),
    );
    expect(outcome).toBeInstanceOf(TooSlowError);
    // Nothing is left terminating, and regular expressions are whole.
    expect(await call(() => preemptible(() => /b(a)/.exec('ba')?.[1]))).toBe('a');
    expect(await call(() => preemptible(() => compute(5) > 0))).toBe(true);
  });

  it('throws Cancelled at the caller, and runs neither catch nor finally inside', async () => {
    const order: string[] = [];
    await call(() =>
      moveOnAfter(30, () => {
        try {
          preemptible(() => {
            try {
              for (;;);
            } catch {
              order.push('catch inside');
            } finally {
              order.push('finally inside');
            }
          });
        } catch (error) {
          order.push(error instanceof Cancelled ? 'Cancelled' : String(error));
          throw error;
        } finally {
          order.push('finally outside');
        }
      }),
    );
    expect(order).toEqual(['Cancelled', 'finally outside']);
  });

  it('ends what another task cancels', async () => {
    const caught = await call(() => {
      const scope = new CancelScope();
      setImmediate(() => scope.cancel());
      scope.run(() => preemptible(() => computeUntil(() => false)));
      return scope.cancelledCaught;
    });
    expect(caught).toBe(true);
  });

  it('does not end what has the deadline inside: that is for its own waits', async () => {
    const value = await call(() =>
      preemptible(() => {
        moveOnAfter(5, () => compute(30));
        return 'went on';
      }),
    );
    expect(value).toBe('went on');
  });

  it('leaves stores, bans and tasks as they were', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen = await call(() =>
      storage.run('outside', () => {
        moveOnAfter(30, () =>
          preemptible(() =>
            storage.run('inside', () => {
              for (;;);
            }),
          ),
        );
        return [storage.getStore(), taskGroup((group) => group.startSoon(() => 'a task').wait())];
      }),
    );
    expect(seen).toEqual(['outside', 'a task']);
  });

  it('does not break a critical section off', async () => {
    let steps = 0;
    const caught = await call(() =>
      thrownBy(() =>
        failAfter(20, () =>
          preemptible(() => {
            native(() => {
              compute(60);
              steps++;
            });
            for (;;);
          }),
        ),
      ),
    );
    expect([steps, (caught as Error).name]).toEqual([1, 'TooSlowError']);
  });

  it('is noticed at the call if it has passed already', async () => {
    let called = false;
    await call(() =>
      moveOnAfter(0, () => {
        preemptible(() => {
          called = true;
        });
      }),
    );
    expect(called).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { AeventError, Cancelled, createTaskGroup, run } from '../../../../dist/runtime/index.js';
import { explore, Random, RandomSchedule } from '../../../../dist/runtime/modules/testing/index.js';
import { Lock } from '../../../../dist/runtime/modules/threading/index.js';
import { pause, turn } from '../../../support/tools.js';
import { atOnce, inGroup, sleep } from '../threading/tools.js';

/** The order in which tasks do three steps each. */
async function order(seed: number | undefined): Promise<string> {
  const installed = seed === undefined ? undefined : new RandomSchedule(seed).install();
  const steps: string[] = [];
  try {
    await run(() => {
      const step = (name: string) => () => {
        for (let i = 0; i < 3; i++) {
          steps.push(name);
          pause();
        }
      };
      atOnce(step('a'), step('b'), step('c'));
    });
  } finally {
    installed?.[Symbol.dispose]();
  }
  return steps.join('');
}

describe('Random', () => {
  it('is the same again for the same seed, and within its bounds', () => {
    const numbers = (seed: number): number[] => {
      const random = new Random(seed);
      return Array.from({ length: 1000 }, () => random.below(10));
    };
    expect(numbers(1)).toEqual(numbers(1));
    expect(numbers(1)).not.toEqual(numbers(2));
    const counts = new Map<number, number>();
    for (const number of numbers(3)) counts.set(number, (counts.get(number) ?? 0) + 1);
    expect([...counts.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const count of counts.values()) expect(count).toBeGreaterThan(60);
    const random = new Random(4);
    expect(random.seed).toBe(4);
    expect([random.chance(0), random.chance(1)]).toEqual([false, true]);
    expect(['x', 'y']).toContain(random.pick(['x', 'y']));
    expect(random.pick([] as string[])).toBe(undefined);
  });
});

describe('RandomSchedule', () => {
  it('has tasks go on in another order for another seed, and in the same for the same', async () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const first = await order(seed);
      expect(await order(seed)).toBe(first);
      expect([...first].sort().join('')).toBe('aaabbbccc');
      orders.add(first);
    }
    expect(orders.size).toBeGreaterThan(10);
    expect(await order(undefined)).toBe('abcabcabc');
  });

  it('lets others go first where a call might have to wait', async () => {
    const orders = new Set<string>();
    for (const interleave of [0, 1]) {
      const installed = new RandomSchedule(5, { interleave }).install();
      const steps: string[] = [];
      await run(() => {
        const step = (name: string) => () => {
          for (let i = 0; i < 3; i++) {
            const lock = new Lock();
            lock.acquire();
            steps.push(name);
            // Where nothing may be suspended, nobody goes first.
            [2, 1].sort(() => (lock.locked() ? 1 : -1));
          }
        };
        atOnce(step('a'), step('b'));
      });
      installed[Symbol.dispose]();
      orders.add(steps.join(''));
      if (interleave === 0) expect(steps.join('')).toMatch(/^(aaabbb|bbbaaa)$/);
    }
    expect(orders.size).toBe(2);
  });

  it('delivers cancellation as without it', async () => {
    const installed = new RandomSchedule(1).install();
    const seen: unknown[] = [];
    await run(async () => {
      const tasks = createTaskGroup();
      const scope = tasks.spawn(() => {
        try {
          pause(1e6);
        } catch (error) {
          seen.push(error);
          throw error;
        }
      });
      await turn(5);
      scope.cancel();
      await tasks[Symbol.asyncDispose]();
    });
    installed[Symbol.dispose]();
    expect(seen).toEqual([expect.any(Cancelled)]);
  });
});

describe('explore', () => {
  it('finds an update that another task overwrites, and gives the seed that repeats it', async () => {
    const body = (lock?: Lock) => () => {
      let balance = 0;
      const deposit = (): void => {
        const held = lock?.hold();
        const before = balance;
        sleep(1);
        balance = before + 1;
        held?.[Symbol.dispose]();
      };
      atOnce(deposit, deposit, deposit);
      expect(balance).toBe(3);
    };
    const error = (await explore(body(), { seed: 100 }).catch((reason) => reason)) as AeventError;
    expect(error).toBeInstanceOf(AeventError);
    expect(error.code).toBe('AEVENT_EXPLORE_FAILED');
    expect(error.cause).toMatchObject({ name: 'AssertionError' });
    const seed = Number(/AEVENT_SEED=(\d+)/.exec(error.message)?.[1]);
    await expect(explore(body(), { seed, runs: 1 })).rejects.toMatchObject({ message: error.message });
    await explore(body(new Lock()), { seed, runs: 10 });
  });

  it('gives the body what chance the seed has, and takes its own from the environment', async () => {
    const drawn: number[] = [];
    process.env.AEVENT_SEED = '7';
    try {
      await explore((random) => void drawn.push(random.seed, random.next()), { runs: 2 });
    } finally {
      delete process.env.AEVENT_SEED;
    }
    expect([drawn[0], drawn[2]]).toEqual([7, 8]);
    await explore((random) => expect(random.next()).toBe(drawn[1]), { runs: 1, seed: 7 });
  });

  it('tells of a run that is stuck, and where', async () => {
    let release = (): void => {};
    const stuck = explore(
      () => {
        const lock = new Lock();
        lock.acquire();
        inGroup((tasks) => {
          release = () => lock.release();
          tasks.spawn(function waiter() {
            lock.acquire();
          });
        });
      },
      { runs: 1, stuckMs: 300 },
    );
    await expect(stuck).rejects.toMatchObject({
      cause: { code: 'AEVENT_STUCK', message: expect.stringMatching(/waiter#\d+: waits in Lock\.acquire/) },
    });
    release();
    await turn(3);
  });
});

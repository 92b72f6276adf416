// What has to hold however tasks interleave, are cancelled, and run out of time. A failure names the seed that repeats
// it.
import { describe, expect, it } from 'vitest';
import { explore, type Random } from '../../../../dist/runtime/modules/testing/index.js';
import {
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  Condition,
  Lock,
  RLock,
} from '../../../../dist/runtime/modules/threading/index.js';
import { cancelSome, inGroup, sleep, sleepAsync, someTimeout } from './tools.js';

const RUNS = 25;
const WORKERS = 6;
const ROUNDS = 4;

interface Lockable {
  acquire(blocking?: boolean, timeoutMs?: number): boolean;
  acquireAsync(timeoutMs?: number): Promise<boolean>;
  release(): void;
}

function holding(lock: Lockable, body: () => void): void {
  lock.acquire();
  try {
    body();
  } finally {
    lock.release();
  }
}

/** Workers, synchronous and async ones, that hold `lock` for some time; `atMost` of them at once. */
function contend(lock: Lockable, atMost: number, random: Random): void {
  let inside = 0;
  const enter = (): void => {
    inside++;
    expect(inside).toBeLessThanOrEqual(atMost);
  };
  const work = (): void => {
    for (let round = 0; round < ROUNDS; round++) {
      if (!lock.acquire(true, someTimeout(random))) continue;
      try {
        enter();
        if (random.chance(0.7)) sleep(random.below(3));
      } finally {
        inside--;
        lock.release();
      }
    }
  };
  const workAsync = async (): Promise<void> => {
    for (let round = 0; round < ROUNDS; round++) {
      if (!(await lock.acquireAsync(someTimeout(random)))) continue;
      enter();
      if (random.chance(0.7)) await sleepAsync(random.below(3));
      inside--;
      lock.release();
    }
  };
  inGroup((tasks) => {
    const scopes = Array.from({ length: WORKERS }, () => tasks.spawn(random.chance(0.7) ? work : workAsync));
    cancelSome(tasks, scopes, random, 8);
  });
  expect(inside).toBe(0);
  // No thread that has gone holds any of it.
  for (let i = 0; i < atMost; i++) expect(lock.acquire(false)).toBe(true);
  expect(lock.acquire(false)).toBe(false);
}

describe('under random schedules, cancellations and time-outs', () => {
  it('one task at a time holds a Lock, and it is free in the end', () =>
    explore((random) => contend(new Lock(), 1, random), { runs: RUNS }));

  it('so many tasks at a time hold a BoundedSemaphore, and all permits are back in the end', () =>
    explore((random) => contend(new BoundedSemaphore(2), 2, random), { runs: RUNS }));

  it('one task at a time holds an RLock, as often as it likes', () =>
    explore(
      (random) => {
        const lock = new RLock();
        let holder = -1;
        const work = (worker: number): void => {
          for (let round = 0; round < ROUNDS; round++) {
            if (!lock.acquire(true, someTimeout(random))) continue;
            try {
              expect(holder).toBe(-1);
              holder = worker;
              holding(lock, () => sleep(random.below(2)));
              expect(holder).toBe(worker);
            } finally {
              holder = -1;
              lock.release();
            }
          }
        };
        inGroup((tasks) => {
          const scopes = Array.from({ length: WORKERS }, (_, worker) => tasks.spawn(work, worker));
          cancelSome(tasks, scopes, random, 8);
        });
        expect(lock.locked()).toBe(false);
      },
      { runs: RUNS },
    ));

  it('no notification of a Condition is lost: who stays gets a token in the end', () =>
    explore(
      (random) => {
        const tokensInAll = 8;
        const condition = new Condition(random.chance(0.5) ? new Lock() : new RLock());
        let tokens = 0;
        let taken = 0;
        let inside = 0;
        // No suspension in between, unless the lock does not do its work.
        const take = (): void => {
          expect(++inside).toBe(1);
          tokens--;
          taken++;
          inside--;
        };
        const consume = (patient: boolean): void =>
          holding(condition, () => {
            while (tokens === 0) {
              if (!condition.wait(patient ? undefined : random.below(4)) && tokens === 0) return;
            }
            take();
          });
        const consumeAsync = async (): Promise<void> => {
          await condition.acquireAsync();
          while (tokens === 0) await condition.waitAsync();
          take();
          condition.release();
        };
        const produce = (): void => {
          for (let put = 0; put < tokensInAll; ) {
            sleep(random.below(3));
            holding(condition, () => {
              const count = Math.min(tokensInAll - put, 1 + random.below(2));
              put += count;
              tokens += count;
              condition.notify(count);
            });
          }
        };
        inGroup((tasks) => {
          for (let i = 0; i < 3; i++) tasks.spawn(consume, true);
          tasks.spawn(consumeAsync);
          const flaky = Array.from({ length: 4 }, (_, i) => tasks.spawn(consume, i % 2 === 0));
          cancelSome(tasks, flaky, random, 6);
          tasks.spawn(produce);
        });
        expect(taken + tokens).toBe(tokensInAll);
        expect(taken).toBeGreaterThanOrEqual(4);
        expect(condition.locked()).toBe(false);
      },
      { runs: RUNS },
    ));

  it('a Barrier lets all go on, after one call of its action, or none', () =>
    explore(
      (random) => {
        let actions = 0;
        const barrier = new Barrier(4, () => {
          if (random.chance(0.5)) sleep(1);
          actions++;
        });
        const indices: number[][] = Array.from({ length: ROUNDS }, () => []);
        const party = (): void => {
          for (const [round, seen] of indices.entries()) {
            seen.push(barrier.wait());
            expect(actions).toBe(round + 1);
            if (random.chance(0.3)) sleep(random.below(3));
            // Nobody completes the next round before all have begun it.
            expect(actions).toBe(round + 1);
          }
        };
        inGroup((tasks) => {
          for (let i = 0; i < 4; i++) tasks.spawn(party);
        });
        for (const seen of indices) expect(seen.sort()).toEqual([0, 1, 2, 3]);
      },
      { runs: RUNS },
    ));

  it('a Barrier that breaks breaks for all who wait, and is as new after reset()', () =>
    explore(
      (random) => {
        const barrier = new Barrier(3);
        const outcomes: string[] = [];
        const wait = (): void => {
          sleep(random.below(4));
          try {
            barrier.wait(random.below(5));
            outcomes.push('passed');
          } catch (error) {
            outcomes.push((error as Error).name);
            if (!(error instanceof BrokenBarrierError)) throw error;
          }
        };
        inGroup((tasks) => {
          const scopes = Array.from({ length: 3 }, () => tasks.spawn(wait));
          cancelSome(tasks, scopes, random, 5);
        });
        expect(outcomes.every((outcome) => /^(passed|BrokenBarrierError|Cancelled)$/.test(outcome))).toBe(
          true,
        );
        if (outcomes.includes('passed')) expect(outcomes).not.toContain('BrokenBarrierError');
        barrier.reset();
        const again: number[] = [];
        inGroup((tasks) => {
          for (let i = 0; i < 3; i++) tasks.spawn(() => again.push(barrier.wait()));
        });
        expect(again.sort()).toEqual([0, 1, 2]);
      },
      { runs: RUNS },
    ));
});

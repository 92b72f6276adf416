// No item is lost or taken twice however tasks interleave, are cancelled, and run out of time. A failure names the seed
// that repeats it.
import { describe, expect, it } from 'vitest';
import {
  Empty,
  Full,
  LifoQueue,
  PriorityQueue,
  Queue,
  ShutDown,
} from '../../../../dist/runtime/modules/queue/index.js';
import { explore, type Random } from '../../../../dist/runtime/modules/testing/index.js';
import { cancelSome, inGroup, sleep, sleepAsync, someTimeout } from '../threading/tools.js';

const RUNS = 25;
const WORKERS = 4;
const ITEMS = 6;

/** What `body` gives, or undefined if it ran out of time or the queue was shut down. */
function unlessOver<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if (error instanceof Empty || error instanceof Full || error instanceof ShutDown) return undefined;
    throw error;
  }
}

interface Traffic {
  /** Each producer's items that are in the queue or were, in the order of their coming. */
  readonly put: number[][];
  /** Each consumer's items. */
  readonly got: number[][];
}

/** Producers and consumers, synchronous and async ones, at a small queue. */
function traffic(queue: Queue<number>, random: Random, shutDown: boolean): Traffic {
  const put: number[][] = Array.from({ length: WORKERS }, () => []);
  const got: number[][] = Array.from({ length: WORKERS }, () => []);
  inGroup((tasks) => {
    const producers = put.map((mine, worker) =>
      tasks.spawn(() => {
        for (let i = 0; i < ITEMS; i++) {
          const item = worker * ITEMS + i;
          unlessOver(() => {
            queue.put(item, true, someTimeout(random));
            mine.push(item);
          });
          if (random.chance(0.3)) sleep(random.below(3));
        }
      }),
    );
    const consumers = got.map((mine, worker) =>
      tasks.spawn(
        worker % 2 === 0
          ? () => {
              for (let i = 0; i < ITEMS; i++) {
                unlessOver(() => mine.push(queue.get(true, random.below(4))));
                if (random.chance(0.3)) sleep(random.below(3));
              }
            }
          : async () => {
              for (let i = 0; i < ITEMS; i++) {
                const item = await queue.getAsync(random.below(4)).catch((error) => {
                  unlessOver(() => {
                    throw error;
                  });
                });
                if (item !== undefined) mine.push(item);
                if (random.chance(0.3)) await sleepAsync(random.below(3));
              }
            },
      ),
    );
    cancelSome(tasks, [...producers, ...consumers], random, 8);
    // Takes what nobody else does, so that no producer without a time-out waits for ever.
    tasks.spawn(() => {
      sleep(20);
      if (shutDown) queue.shutdown();
      for (;;) {
        const item = unlessOver(() => queue.get(true, 10));
        if (item === undefined) return;
        (got[0] as number[]).push(item);
      }
    });
  });
  return { put, got };
}

const sorted = (items: number[][]): number[] => items.flat().sort((a, b) => a - b);

describe('under random schedules, cancellations and time-outs', () => {
  it.each([
    ['Queue', Queue],
    ['LifoQueue', LifoQueue],
    ['PriorityQueue', PriorityQueue],
  ] as const)('every item that was put into a %s is taken once', (_, Kind) =>
    explore(
      (random) => {
        const queue = new Kind<number>(1 + random.below(3));
        const { put, got } = traffic(queue, random, random.chance(0.3));
        expect(sorted(got)).toEqual(sorted(put));
        expect([queue.qsize(), queue.unfinishedTasks]).toEqual([0, put.flat().length]);
      },
      { runs: RUNS },
    ),
  );

  it('what one task puts into a Queue another one gets in that order', () =>
    explore(
      (random) => {
        const queue = new Queue<number>(1 + random.below(3));
        const { got } = traffic(queue, random, false);
        for (const items of got.slice(1)) {
          for (let worker = 0; worker < WORKERS; worker++) {
            const ofOne = items.filter((item) => Math.floor(item / ITEMS) === worker);
            expect(ofOne).toEqual(ofOne.toSorted((a, b) => a - b));
          }
        }
      },
      { runs: RUNS },
    ));

  it('join() returns when the last item is done, and not before', () =>
    explore(
      (random) => {
        const queue = new Queue<number>(2);
        let done = 0;
        inGroup((tasks) => {
          for (let i = 0; i < 3; i++) {
            tasks.spawnDaemon(() => {
              for (const _ of queue) {
                if (random.chance(0.5)) sleep(random.below(3));
                done++;
                queue.taskDone();
              }
            });
          }
          const joiner = () => {
            queue.join();
            expect(done).toBe(ITEMS);
          };
          for (let i = 0; i < ITEMS; i++) queue.put(i);
          const scopes = [1, 2, 3].map(() => tasks.spawn(joiner));
          cancelSome(tasks, scopes, random, 3);
          joiner();
        });
      },
      { runs: RUNS },
    ));
});

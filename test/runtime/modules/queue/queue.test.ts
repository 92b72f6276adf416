// The queues, beside what CPython says of them. More than 400 lines, since one file tests all that they promise.
// CPython's documentation of queue, and its Lib/test/test_queue.py (BaseQueueTestMixin, FailingQueueTest, the shutdown
// tests, BaseSimpleQueueTest).
import { describe, expect, it } from 'vitest';
import { Cancelled, call, NoPortalError, run } from '../../../../dist/runtime/index.js';
import { suspendedCalls } from '../../../../dist/runtime/modules/lowlevel.js';
import {
  Empty,
  Full,
  LifoQueue,
  PriorityQueue,
  Queue,
  ShutDown,
  SimpleQueue,
} from '../../../../dist/runtime/modules/queue/index.js';
import { pause, thrownBy, turn } from '../../../support/tools.js';
import { atOnce, inGroup, timed } from '../threading/tools.js';

/** What a promise is rejected with. */
const rejected = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable(),
    (error) => error,
  );

describe.each([
  ['Queue', Queue, [111, 333, 222]],
  ['LifoQueue', LifoQueue, [222, 333, 111]],
  ['PriorityQueue', PriorityQueue, [111, 222, 333]],
] as const)('%s', (name, Kind, order) => {
  const make = (maxsize?: number): Queue<number> => new Kind<number>(maxsize);
  const filled = (): Queue<number> => {
    const queue = make(3);
    for (const item of [111, 333, 222]) queue.put(item);
    return queue;
  };

  it('gives its items in its order', () => {
    const queue = filled();
    expect([queue.qsize(), queue.empty(), queue.full(), queue.maxsize]).toEqual([3, false, true, 3]);
    expect([queue.get(), queue.get(), queue.get()]).toEqual(order);
    expect([queue.qsize(), queue.empty(), queue.full()]).toEqual([0, true, false]);
  });

  it('of no maxsize is never full', () => {
    const queue = make();
    for (let i = 0; i < 5000; i++) queue.put(i);
    expect([queue.full(), queue.qsize()]).toEqual([false, 5000]);
    const got = Array.from({ length: 5000 }, () => queue.get());
    expect(got.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 5000 }, (_, i) => i));
  });

  it('that is full throws Full, at once or when the time is up', async () => {
    await timed(async (clock) => {
      const queue = filled();
      expect(thrownBy(() => queue.putNowait(4))).toBeInstanceOf(Full);
      expect(thrownBy(() => queue.put(4, false, 100))).toMatchObject({
        name: 'Full',
        code: 'AEVENT_QUEUE_FULL',
      });
      expect(await call(() => thrownBy(() => queue.put(4, true, 100)))).toBeInstanceOf(Full);
      expect(await rejected(queue.putAsync(4, 100))).toBeInstanceOf(Full);
      expect(clock.now()).toBe(200);
      expect([queue.qsize(), queue.unfinishedTasks]).toEqual([3, 3]);
    });
  });

  it('that is empty throws Empty, at once or when the time is up', async () => {
    await timed(async (clock) => {
      const queue = make();
      expect(thrownBy(() => queue.getNowait())).toBeInstanceOf(Empty);
      expect(thrownBy(() => queue.get(false, 100))).toMatchObject({
        name: 'Empty',
        code: 'AEVENT_QUEUE_EMPTY',
      });
      expect(await call(() => thrownBy(() => queue.get(true, 100)))).toBeInstanceOf(Empty);
      expect(await rejected(queue.getAsync(100))).toBeInstanceOf(Empty);
      expect(clock.now()).toBe(200);
    });
  });

  it('a time-out that makes no sense is an error', async () => {
    expect(thrownBy(() => make().get(true, -1))).toMatchObject({ code: 'AEVENT_INVALID_TIMEOUT' });
    expect(thrownBy(() => make().put(1, true, -1))).toMatchObject({ code: 'AEVENT_INVALID_TIMEOUT' });
    expect(await rejected(make().getAsync(Number.NaN))).toMatchObject({ code: 'AEVENT_INVALID_TIMEOUT' });
  });

  it('get() waits for an item, put() for room; first come, first served', async () => {
    const events: string[] = [];
    await run(() => {
      const queue = make(1);
      inGroup((tasks) => {
        for (const who of ['a', 'b']) tasks.spawn(() => events.push(`${who} gets ${queue.get()}`));
        pause();
        expect(suspendedCalls().filter(({ what }) => what === `${name}.get`)).toHaveLength(2);
        queue.put(1);
        queue.put(2);
        expect(queue.qsize()).toBe(0);
        pause();
        queue.put(3);
        for (const item of [4, 5]) {
          tasks.spawn(() => {
            queue.put(item);
            events.push(`${item} is in`);
          });
        }
        pause();
        expect(suspendedCalls().filter(({ what }) => what === `${name}.put`)).toHaveLength(2);
        expect(queue.get()).toBe(3);
        pause();
        expect(events.at(-1)).toBe('4 is in');
        expect(queue.get()).toBe(4);
        expect(queue.get()).toBe(5);
      });
    });
    expect(events).toEqual(['a gets 1', 'b gets 2', '4 is in', '5 is in']);
  });

  it('join() waits until every item is reported done; more often is an error', async () => {
    const events: string[] = [];
    await run(() => {
      const queue = make();
      queue.join();
      inGroup((tasks) => {
        for (let i = 0; i < 2; i++) {
          tasks.spawnDaemon(() => {
            for (;;) {
              const item = queue.get();
              pause(item);
              events.push(`${item} done`);
              queue.taskDone();
            }
          });
        }
        for (const item of [1, 2, 3]) queue.put(item);
        tasks.spawn(async () => {
          await queue.joinAsync();
          events.push('joined, async');
        });
        queue.join();
        events.push('joined');
      });
      expect(events.slice(0, 3).toSorted()).toEqual(['1 done', '2 done', '3 done']);
      expect(events.slice(3).toSorted()).toEqual(['joined', 'joined, async']);
      expect(thrownBy(() => queue.taskDone())).toMatchObject({ code: 'AEVENT_TASK_DONE_TOO_OFTEN' });
    });
  });

  it('shutdown() lets what is in the queue be taken, and nothing be put', async () => {
    await run(() => {
      const queue = filled();
      queue.shutdown();
      expect(queue.isShutDown).toBe(true);
      expect(thrownBy(() => queue.put(4))).toMatchObject({
        name: 'ShutDown',
        code: 'AEVENT_QUEUE_SHUT_DOWN',
      });
      expect(thrownBy(() => queue.putNowait(4))).toBeInstanceOf(ShutDown);
      expect([queue.get(), queue.get(), queue.getNowait()]).toEqual(order);
      expect(thrownBy(() => queue.get())).toBeInstanceOf(ShutDown);
      expect(thrownBy(() => queue.getNowait())).toBeInstanceOf(ShutDown);
      for (let i = 0; i < 3; i++) queue.taskDone();
      queue.join();
    });
  });

  it('shutdown(true) throws the items away, which count as done', async () => {
    await run(() => {
      const queue = filled();
      queue.get();
      inGroup((tasks) => {
        let joined = false;
        tasks.spawn(() => {
          queue.join();
          joined = true;
        });
        queue.shutdown(true);
        expect([queue.qsize(), queue.unfinishedTasks]).toEqual([0, 1]);
        pause();
        expect(joined).toBe(false);
        queue.taskDone();
      });
      expect(thrownBy(() => queue.get())).toBeInstanceOf(ShutDown);
    });
  });

  it('shutdown() ends the waits of those who put and get', async () => {
    await run(() => {
      const [full, empty] = [filled(), make()];
      inGroup((tasks) => {
        tasks.spawn(() => expect(thrownBy(() => full.put(4))).toBeInstanceOf(ShutDown));
        tasks.spawn(async () => expect(await rejected(full.putAsync(4))).toBeInstanceOf(ShutDown));
        tasks.spawn(() => expect(thrownBy(() => empty.get())).toBeInstanceOf(ShutDown));
        tasks.spawn(async () => expect(await rejected(empty.getAsync())).toBeInstanceOf(ShutDown));
        pause();
        full.shutdown();
        empty.shutdown();
      });
      expect([full.qsize(), full.unfinishedTasks]).toEqual([3, 3]);
    });
  });

  it('a cancelled get() takes nothing, a cancelled put() puts nothing', async () => {
    await run(() => {
      const queue = make(1);
      inGroup((tasks) => {
        const getting = [tasks.spawn(() => queue.get()), tasks.spawn(() => queue.getAsync())];
        pause();
        for (const scope of getting) scope.cancel();
        queue.put(1);
        expect(queue.qsize()).toBe(1);
        const putting = [tasks.spawn(() => queue.put(2)), tasks.spawn(() => queue.putAsync(3))];
        pause();
        for (const scope of putting) scope.cancel();
        expect(queue.get()).toBe(1);
        expect([queue.qsize(), queue.unfinishedTasks]).toEqual([0, 1]);
      });
    });
  });

  it('who was given an item before being cancelled has it', async () => {
    await run(() => {
      const queue = make();
      inGroup((tasks) => {
        let got: number | undefined;
        const scope = tasks.spawn(() => {
          got = queue.get();
          expect(thrownBy(() => pause())).toBeInstanceOf(Cancelled);
        });
        pause();
        queue.put(1);
        scope.cancel();
        pause();
        expect([got, queue.qsize()]).toEqual([1, 0]);
      });
    });
  });

  it('is iterated until it is shut down, by tasks and by async functions', async () => {
    await run(() => {
      const queue = make();
      const seen: number[] = [];
      atOnce(
        () => {
          for (const item of queue) seen.push(item);
        },
        async () => {
          for await (const item of queue) seen.push(item);
        },
        () => {
          for (let i = 0; i < 6; i++) {
            queue.put(i);
            pause();
          }
          queue.shutdown();
        },
      );
      expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
    });
  });

  it('outside of a task only what must wait is refused', async () => {
    const queue = make(1);
    expect(thrownBy(() => queue.get())).toBeInstanceOf(NoPortalError);
    queue.put(1);
    expect(thrownBy(() => queue.put(2))).toBeInstanceOf(NoPortalError);
    expect(thrownBy(() => queue.join())).toMatchObject({
      message: expect.stringMatching(new RegExp(`^${name}\\.join .*aevent\\.call\\(\\)`)),
    });
    expect(queue.get()).toBe(1);
    const getting = queue.getAsync();
    await queue.putAsync(2);
    expect(await getting).toBe(2);
  });
});

describe('PriorityQueue', () => {
  it('gives equal items in the order in which they were put', () => {
    const queue = new PriorityQueue<[number, string]>(0, ([a], [b]) => a - b);
    for (const item of [
      [2, 'a'],
      [1, 'b'],
      [2, 'c'],
      [1, 'd'],
      [1, 'e'],
    ] as [number, string][])
      queue.put(item);
    expect(Array.from({ length: 5 }, () => queue.get()[1]).join('')).toBe('bdeac');
  });

  it('compares arrays as Python does tuples, numbers as numbers, and Dates', () => {
    const sorted = (...items: unknown[]): unknown[] => {
      const queue = new PriorityQueue<unknown>();
      for (const item of items) queue.put(item);
      return items.map(() => queue.get());
    };
    expect(sorted([10, 'x'], [9, 'y'], [9, 'a'], [9])).toEqual([[9], [9, 'a'], [9, 'y'], [10, 'x']]);
    expect(sorted(10, 9n, -1, 9.5)).toEqual([-1, 9n, 9.5, 10]);
    expect(sorted('b', 'a')).toEqual(['a', 'b']);
    expect(sorted(new Date(2), new Date(1))).toEqual([new Date(1), new Date(2)]);
    const same = { not: 'comparable' };
    expect(sorted([1, same], [1, same])).toEqual([
      [1, same],
      [1, same],
    ]);
  });

  it('refuses what it cannot compare, and is as it was', () => {
    const queue = new PriorityQueue<unknown>();
    queue.put([1, {}]);
    for (const item of [[1, {}], 'text', Number.NaN, undefined]) {
      expect(thrownBy(() => queue.put(item))).toMatchObject({
        name: 'TypeError',
        code: 'AEVENT_NOT_COMPARABLE',
      });
    }
    expect([queue.qsize(), queue.unfinishedTasks]).toEqual([1, 1]);
    expect(queue.get()).toEqual([1, {}]);
  });

  it('does not lose an item to a compare function that throws, and gives the error to who put', async () => {
    await run(() => {
      const queue = new PriorityQueue<number>(2, (a, b) => {
        if (a === 13 || b === 13) throw new RangeError('13');
        return a - b;
      });
      queue.put(1);
      queue.put(2);
      atOnce(
        () => expect(thrownBy(() => queue.put(13))).toMatchObject({ message: '13' }),
        () => queue.put(3),
        () => {
          expect([queue.get(), queue.get(), queue.get()]).toEqual([1, 2, 3]);
          expect(queue.qsize()).toBe(0);
        },
      );
    });
  });

  it('does not let its compare function suspend', async () => {
    await run(() => {
      const queue = new PriorityQueue<number>(0, (a, b) => {
        pause();
        return a - b;
      });
      queue.put(1);
      expect(thrownBy(() => queue.put(2))).toMatchObject({
        code: 'AEVENT_NO_PORTAL',
        message: expect.stringContaining('a PriorityQueue compares its items'),
      });
      expect(queue.get()).toBe(1);
    });
  });

  it('is in order after any puts and gets', () => {
    const queue = new PriorityQueue<number>();
    const items: number[] = [];
    for (let i = 0; i < 2000; i++) {
      if (i % 5 < 3) {
        const item = (i * 7919) % 101;
        queue.put(item);
        items.push(item);
      } else {
        items.sort((a, b) => a - b);
        expect(queue.get()).toBe(items.shift());
      }
    }
    expect(queue.qsize()).toBe(items.length);
  });
});

describe('a subclass of Queue', () => {
  it('may keep its items elsewhere', () => {
    class UniqueQueue<T> extends Queue<T> {
      protected override createStore() {
        const items = new Set<T>();
        return {
          get size() {
            return items.size;
          },
          add: (item: T) => void items.add(item),
          remove: () => {
            const [first] = items;
            items.delete(first as T);
            return first as T;
          },
        };
      }
    }
    const queue = new UniqueQueue<string>();
    for (const item of ['a', 'b', 'a']) queue.put(item);
    expect([queue.qsize(), queue.get(), queue.get(), queue.empty()]).toEqual([2, 'a', 'b', true]);
  });
});

describe('SimpleQueue', () => {
  it('puts without waiting and gives first what came first', async () => {
    const queue = new SimpleQueue<number>();
    expect([queue.empty(), queue.qsize()]).toEqual([true, 0]);
    queue.put(1);
    queue.put(2, true, 5);
    queue.putNowait(3);
    expect([queue.get(), queue.get(false), queue.getNowait()]).toEqual([1, 2, 3]);
    expect(thrownBy(() => queue.getNowait())).toBeInstanceOf(Empty);
    expect(queue.empty()).toBe(true);
  });

  it('lets tasks and async functions wait', async () => {
    await timed(() => {
      const queue = new SimpleQueue<number>();
      const seen: number[] = [];
      expect(thrownBy(() => queue.get(true, 10))).toBeInstanceOf(Empty);
      inGroup((tasks) => {
        tasks.spawn(() => seen.push(queue.get()));
        tasks.spawn(async () => seen.push(await queue.getAsync()));
        tasks.spawn(() => {
          for (const item of queue) {
            seen.push(item);
            if (item === 4) break;
          }
        });
        pause();
        for (const item of [1, 2, 3, 4, 5]) queue.put(item);
      });
      expect(seen.toSorted()).toEqual([1, 2, 3, 4]);
      expect(queue.get()).toBe(5);
    });
  });

  it('is iterated by async functions', async () => {
    const queue = new SimpleQueue<number>();
    for (const item of [1, 2, 3]) queue.put(item);
    const seen: number[] = [];
    for await (const item of queue) {
      seen.push(item);
      if (item === 3) break;
    }
    expect(seen).toEqual([1, 2, 3]);
    await turn();
  });
});

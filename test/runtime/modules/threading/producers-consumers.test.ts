import { describe, expect, it } from 'vitest';
import { run } from '../../../../dist/runtime/index.js';
import { Queue } from '../../../../dist/runtime/modules/queue/index.js';
import { Barrier, Lock, Thread } from '../../../../dist/runtime/modules/threading/index.js';

const THREADS = 1000;
const ITEMS = 5;

describe('a thousand threads', () => {
  it('produce and consume through a bounded queue, count under a lock and meet at a barrier', async () => {
    const queue = new Queue<number>(10);
    const lock = new Lock();
    const start = new Barrier(THREADS);
    const seen = new Map<number, number>();
    let inside = 0;

    class Producer extends Thread {
      readonly #number: number;

      constructor(number: number) {
        super({ name: `producer ${number}` });
        this.#number = number;
      }

      override run(): void {
        start.wait();
        for (let i = 0; i < ITEMS; i++) queue.put(this.#number);
      }
    }

    const consume = (): void => {
      start.wait();
      for (const number of queue) {
        using_(lock, () => {
          expect(++inside).toBe(1);
          seen.set(number, (seen.get(number) ?? 0) + 1);
          inside--;
        });
        queue.taskDone();
      }
    };

    await run(() => {
      const producers = Array.from({ length: THREADS / 2 }, (_, number) => new Producer(number));
      const consumers = Array.from({ length: THREADS / 2 }, () => new Thread({ target: consume }));
      for (const thread of [...producers, ...consumers]) thread.start();
      for (const producer of producers) producer.join();
      queue.join();
      queue.shutdown();
      for (const consumer of consumers) consumer.join();
    });
    expect(seen.size).toBe(THREADS / 2);
    expect(new Set(seen.values())).toEqual(new Set([ITEMS]));
    expect([queue.unfinishedTasks, lock.locked(), start.nWaiting]).toEqual([0, false, 0]);
  });
});

function using_(lock: Lock, body: () => void): void {
  const held = lock.hold();
  try {
    body();
  } finally {
    held[Symbol.dispose]();
  }
}

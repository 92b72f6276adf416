// Each primitive is called at many levels near the end of the stack. It either does its work or fails with the RangeError
// of any recursion, and leaves nothing half done.
import { describe, expect, it } from 'vitest';
import { CancelScope, call, info, run, type TaskGroup, taskGroup } from '../../../dist/runtime/index.js';
import { PriorityQueue, Queue } from '../../../dist/runtime/modules/queue/index.js';
import {
  Barrier,
  Condition,
  Event,
  Lock,
  RLock,
  Semaphore,
  Thread,
} from '../../../dist/runtime/modules/threading/index.js';
import { parkedWaits, yieldToLoop } from '../../../dist/runtime/suspension/suspension.js';
import { turn } from '../../support/tools.js';

/** What is done at each level, and, once all is over, what has come of it. */
interface Primitive {
  /** Called at each of the last levels; counts what it has done. */
  readonly deep: () => void;
  /** Called on a stack with room, in the same task: has what waits end, and throws what is wrong. */
  readonly after: () => void;
}

const LEVELS = 900;
const PADDINGS = [0, 1, 3, 8];

/** Calls `deep` at each of the last levels of a recursion that ends where the stack does. */
function overflow(deep: () => void, padding: number): void {
  const pad = new Array(padding).fill(0);
  let depth = 0;
  const measure = (n: number, ...rest: unknown[]): number => {
    depth = n;
    return measure(n + 1, ...rest) + 1;
  };
  const descend = (n: number, ...rest: unknown[]): number => {
    if (n > depth - LEVELS) deep();
    return descend(n + 1, ...rest) + 1;
  };
  expect(() => measure(0, ...pad)).toThrow(RangeError);
  expect(() => descend(0, ...pad)).toThrow(RangeError);
}

/** Does `step` as long as that is possible: where it fails, the recursion goes on. */
const tolerant = (step: () => void) => () => {
  try {
    step();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
};

function lockOf(lock: { acquire(): unknown; release(): void; locked(): boolean }): Primitive {
  return {
    deep: tolerant(() => {
      lock.acquire();
      try {
        (function again(): number {
          return again() + 1;
        })();
      } finally {
        lock.release();
      }
    }),
    after: () => expect(lock.locked()).toBe(false),
  };
}

const primitives: Record<string, (tasks: TaskGroup) => Primitive> = {
  'a suspension': () => ({ deep: () => yieldToLoop(), after: () => {} }),
  'Lock.acquire and release': () => lockOf(new Lock()),
  'RLock.acquire and release': () => lockOf(new RLock()),
  'Condition.acquire and release': () => lockOf(new Condition()),
  'Lock.release, which wakes a task': (tasks) => {
    const lock = new Lock();
    let isOurs = lock.acquire();
    let woken = false;
    tasks.spawn(() => {
      lock.acquire();
      woken = true;
    });
    yieldToLoop();
    const release = (): void => {
      if (isOurs) lock.release();
      isOurs = false;
    };
    return {
      deep: tolerant(release),
      after: () => {
        release();
        while (!woken) yieldToLoop();
        expect(lock.locked()).toBe(true);
      },
    };
  },
  'Semaphore.acquire and release': () => {
    const semaphore = new Semaphore(3);
    return {
      deep: tolerant(() => {
        semaphore.acquire();
        semaphore.release();
      }),
      after: () => expect(semaphore.value).toBe(3),
    };
  },
  'Event.set, which wakes tasks': (tasks) => {
    const event = new Event();
    let woken = 0;
    for (let i = 0; i < 3; i++) {
      tasks.spawn(() => {
        event.wait();
        woken++;
      });
    }
    yieldToLoop();
    return {
      deep: tolerant(() => event.set()),
      after: () => {
        event.set();
        while (woken < 3) yieldToLoop();
      },
    };
  },
  'Queue.put, which wakes a task': (tasks) => {
    const queue = new Queue<number>();
    const got: number[] = [];
    tasks.spawn(() => {
      for (const item of queue) got.push(item);
    });
    yieldToLoop();
    let put = 0;
    return {
      deep: tolerant(() => {
        queue.put(put);
        put++;
      }),
      after: () => {
        queue.shutdown();
        while (got.length < put) yieldToLoop();
        expect(got).toEqual(Array.from({ length: put }, (_, index) => index));
      },
    };
  },
  'PriorityQueue.put and get': () => {
    const queue = new PriorityQueue<number>();
    let put = 0;
    return {
      deep: tolerant(() => {
        queue.put(-put);
        put++;
        if (put % 3 === 0) {
          queue.get();
          put--;
        }
      }),
      after: () => {
        const items: number[] = [];
        while (!queue.empty()) items.push(queue.get());
        expect(items).toEqual([...items].sort((a, b) => a - b));
        expect(items.length).toBeLessThanOrEqual(put);
      },
    };
  },
  'Barrier.wait with nobody else': () => {
    const barrier = new Barrier(1);
    return { deep: tolerant(() => void barrier.wait()), after: () => expect(barrier.wait()).toBe(0) };
  },
  'TaskGroup.spawn': (tasks) => {
    let begun = 0;
    let ran = 0;
    return {
      deep: tolerant(() => {
        tasks.spawn(() => void ran++);
        begun++;
      }),
      after: () => {
        yieldToLoop();
        expect(ran).toBe(begun);
      },
    };
  },
  'TaskGroup.startSoon': (tasks) => {
    let ran = 0;
    const handles: { wait(): void }[] = [];
    return {
      deep: tolerant(() => void handles.push(tasks.startSoon(() => void ran++))),
      after: () => {
        for (const handle of handles) handle.wait();
        expect(ran).toBe(handles.length);
      },
    };
  },
  'Thread.start': () => {
    const threads: Thread[] = [];
    return {
      deep: tolerant(() => {
        const thread = new Thread({ target: () => {} });
        thread.start();
        threads.push(thread);
      }),
      after: () => {
        for (const thread of threads) thread.join();
      },
    };
  },
  'call()': () => {
    let ran = 0;
    return {
      deep: tolerant(() => void call(() => void ran++)),
      after: () => yieldToLoop(),
    };
  },
  'CancelScope.run and cancel': () => ({
    deep: tolerant(() => {
      const scope = new CancelScope();
      scope.run(() => {
        scope.cancel();
        yieldToLoop();
      });
    }),
    after: () => yieldToLoop(),
  }),
  'CancelScope.cancel of tasks that wait': (tasks) => {
    const scope = new CancelScope();
    let ended = 0;
    for (let i = 0; i < 5; i++) {
      tasks.spawn(() => {
        scope.signal.addEventListener('abort', () => {});
        const inner = new CancelScope({ signal: scope.signal });
        inner.run(() => new Event().wait());
        ended++;
      });
    }
    yieldToLoop();
    return {
      deep: tolerant(() => scope.cancel()),
      after: () => {
        scope.cancel();
        while (ended < 5) yieldToLoop();
      },
    };
  },
};

describe('at the end of the stack', () => {
  it('the limit of the stack is known', async () => {
    await call(() => {});
    expect(info().features.stackLimit).toBe('on');
  });

  it.each(Object.keys(primitives))('%s works or fails, and leaves nothing half done', async (name) => {
    for (const padding of PADDINGS) {
      await run(() =>
        taskGroup((tasks) => {
          const { deep, after } = (primitives[name] as (typeof primitives)[string])(tasks);
          overflow(deep, padding);
          after();
        }),
      );
    }
    await turn(2);
    expect(parkedWaits()).toEqual([]);
    expect(info().tasks).toEqual({ live: 0, parked: 0 });
  });
});

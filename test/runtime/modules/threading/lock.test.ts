// Lock and RLock, beside what CPython says of them. More than 400 lines, since one file tests all that they promise.
// CPython's documentation of threading, "Lock objects", "RLock objects" and "Using locks, conditions, and semaphores in
// the with statement", and its Lib/test/lock_tests.py.
import { describe, expect, it } from 'vitest';
import { Cancelled, call, NoPortalError, run } from '../../../../dist/runtime/index.js';
import { suspendedCalls } from '../../../../dist/runtime/modules/lowlevel.js';
import {
  BoundedSemaphore,
  Condition,
  Lock,
  RLock,
  Semaphore,
} from '../../../../dist/runtime/modules/threading/index.js';
import { pause, thrownBy, turn } from '../../../support/tools.js';
import { atOnce, inGroup, sleep, timed } from './tools.js';

describe.each([
  ['Lock', () => new Lock()],
  ['RLock', () => new RLock()],
  ['Condition', () => new Condition()],
])('%s', (name, make) => {
  it('is unlocked when made, locked by acquire(), unlocked by release()', async () => {
    await run(() => {
      const lock = make();
      expect(lock.locked()).toBe(false);
      expect(lock.acquire()).toBe(true);
      expect(lock.locked()).toBe(true);
      lock.release();
      expect(lock.locked()).toBe(false);
    });
  });

  it('blocks the others until it is released, and serves them in the order of their coming', async () => {
    const order: string[] = [];
    await run(() => {
      const lock = make();
      const work = (who: string) => () => {
        lock.acquire();
        order.push(`${who} has it`);
        pause(2);
        order.push(`${who} gives it back`);
        lock.release();
      };
      atOnce(work('a'), work('b'), work('c'));
    });
    expect(order).toEqual(['a', 'b', 'c'].flatMap((who) => [`${who} has it`, `${who} gives it back`]));
  });

  it('is handed to who waits: the task that releases it cannot snatch it away again', async () => {
    const order: string[] = [];
    await run(() => {
      const lock = make();
      lock.acquire();
      inGroup((tasks) => {
        tasks.spawn(() => {
          lock.acquire();
          order.push('waiter');
          lock.release();
        });
        pause();
        lock.release();
        expect(lock.acquire(false)).toBe(false);
        lock.acquire();
        order.push('releaser');
        lock.release();
      });
    });
    expect(order).toEqual(['waiter', 'releaser']);
  });

  it('acquire(false) gives false instead of waiting', async () => {
    await run(() => {
      const lock = make();
      lock.acquire();
      let outcome: boolean | undefined;
      atOnce(() => {
        outcome = lock.acquire(false);
      });
      expect(outcome).toBe(false);
    });
  });

  it('acquire(true, timeoutMs) gives false when the time is up, and is forgotten then', async () => {
    await timed((clock) => {
      const lock = make();
      lock.acquire();
      inGroup((tasks) => {
        tasks.spawn(() => {
          expect(lock.acquire(true, 1500)).toBe(false);
          expect(clock.now()).toBe(1500);
        });
        sleep(2000);
        lock.release();
        expect(lock.locked()).toBe(false);
        lock.acquire();
        tasks.spawn(() => {
          expect(lock.acquire(true, 5000)).toBe(true);
          expect(clock.now()).toBe(3000);
          lock.release();
        });
        sleep(1000);
        lock.release();
      });
      expect(lock.acquire(true, 0)).toBe(true);
    });
  });

  it('a time-out that makes no sense is an error, as is one for a call that does not wait', async () => {
    await run(() => {
      for (const timeoutMs of [-1, Number.NaN, '1' as unknown as number]) {
        expect(thrownBy(() => make().acquire(true, timeoutMs))).toMatchObject({
          name: 'TypeError',
          code: 'AEVENT_INVALID_TIMEOUT',
        });
      }
      expect(thrownBy(() => make().acquire(false, 1))).toMatchObject({ code: 'AEVENT_INVALID_TIMEOUT' });
    });
  });

  it('release() of what is not acquired is an error', async () => {
    const error = await run(() => thrownBy(() => make().release()));
    expect(error).toMatchObject({
      code: 'AEVENT_NOT_ACQUIRED',
      message: expect.stringContaining('Acquire it first.'),
    });
  });

  it('a cancelled waiter does not get it, and is not in the way', async () => {
    const order: string[] = [];
    await run(() => {
      const lock = make();
      lock.acquire();
      inGroup((tasks) => {
        const scope = tasks.spawn(() => {
          expect(thrownBy(() => lock.acquire())).toBeInstanceOf(Cancelled);
          order.push('cancelled');
        });
        tasks.spawn(() => {
          lock.acquire();
          order.push('acquired');
          lock.release();
        });
        pause();
        scope.cancel();
        lock.release();
      });
      expect(lock.locked()).toBe(false);
    });
    expect(order).toEqual(['cancelled', 'acquired']);
  });

  it('a waiter that has it already when it is cancelled keeps it', async () => {
    await run(() => {
      const lock = make();
      lock.acquire();
      inGroup((tasks) => {
        const scope = tasks.spawn(() => {
          expect(lock.acquire()).toBe(true);
          expect(thrownBy(() => pause())).toBeInstanceOf(Cancelled);
          lock.release();
        });
        pause();
        lock.release();
        scope.cancel();
      });
      expect(lock.locked()).toBe(false);
    });
  });

  it('hold() acquires it for a block of `using`, and releases once', async () => {
    await run(() => {
      const lock = make();
      const hold = lock.hold();
      expect(lock.locked()).toBe(true);
      hold[Symbol.dispose]();
      expect(lock.locked()).toBe(false);
      lock.acquire();
      hold[Symbol.dispose]();
      expect(lock.locked()).toBe(true);
    });
  });

  it('is shared by tasks and async functions', async () => {
    const order: string[] = [];
    await run(() => {
      const lock = make();
      const workAsync = async (who: string): Promise<void> => {
        const held = await lock.holdAsync();
        order.push(who);
        await turn(2);
        order.push(who);
        held[Symbol.dispose]();
      };
      atOnce(
        () => workAsync('async'),
        () => {
          lock.acquire();
          order.push('task');
          pause(2);
          order.push('task');
          lock.release();
        },
        () => workAsync('async again'),
      );
      expect(lock.locked()).toBe(false);
    });
    expect(order).toEqual(['async', 'async', 'task', 'task', 'async again', 'async again']);
  });

  it('acquireAsync() gives up when its time is up or its scope is cancelled', async () => {
    await timed(async (clock) => {
      const lock = make();
      // Held by a task of its own: an RLock would let this one in.
      let release = (): void => {};
      await call(() => {
        lock.acquire();
        release = () => lock.release();
      });
      expect(await lock.acquireAsync(100)).toBe(false);
      expect(clock.now()).toBe(100);
      let error: unknown;
      await call(() =>
        inGroup((tasks) => {
          const scope = tasks.spawn(async () => {
            error = await lock.acquireAsync().catch((reason) => reason);
          });
          pause();
          scope.cancel();
        }),
      );
      expect(error).toBeInstanceOf(Cancelled);
      if (name === 'Lock') {
        release();
        expect(lock.locked()).toBe(false);
      }
    });
  });

  it('is named in the dump of what waits', async () => {
    await run(() => {
      const lock = make();
      lock.acquire();
      inGroup((tasks) => {
        tasks.spawn(() => lock.acquire());
        pause();
        const waits = suspendedCalls().map(({ what }) => what);
        expect(waits).toContain(name === 'Lock' ? 'Lock.acquire' : 'RLock.acquire');
        lock.release();
      });
    });
  });

  it('outside of a task only what must wait is refused', () => {
    const lock = make();
    expect(lock.acquire()).toBe(true);
    if (name !== 'Lock') {
      expect(lock.acquire(false)).toBe(true);
      lock.release();
    } else {
      expect(lock.acquire(false)).toBe(false);
      expect(lock.acquire(true, 0)).toBe(false);
      const error = thrownBy(() => lock.acquire());
      expect(error).toBeInstanceOf(NoPortalError);
      expect(error).toMatchObject({ message: expect.stringMatching(/^Lock\.acquire .*aevent\.call\(\)/) });
    }
    lock.release();
    expect(lock.locked()).toBe(false);
  });
});

describe('Lock', () => {
  it('may be released by another task than the one that acquired it', async () => {
    await run(() => {
      const lock = new Lock();
      lock.acquire();
      atOnce(() => lock.release());
      expect(lock.locked()).toBe(false);
    });
  });
});

describe('RLock', () => {
  it('is acquired again by its owner at once, and free when it was released as often', async () => {
    await run(() => {
      const lock = new RLock();
      const tryIt = (): boolean => {
        let got = false;
        atOnce(() => {
          got = lock.acquire(false);
          if (got) lock.release();
        });
        return got;
      };
      for (let i = 0; i < 3; i++) lock.acquire();
      for (let i = 0; i < 3; i++) {
        expect(tryIt()).toBe(false);
        lock.release();
      }
      expect(tryIt()).toBe(true);
    });
  });

  it('is not released by a task that does not own it', async () => {
    await run(() => {
      const lock = new RLock();
      lock.acquire();
      atOnce(() => {
        expect(thrownBy(() => lock.release())).toMatchObject({ code: 'AEVENT_NOT_OWNER' });
      });
      expect(lock.locked()).toBe(true);
      lock.release();
    });
  });

  it('is not for async code of no task', async () => {
    await expect(new RLock().acquireAsync()).rejects.toMatchObject({ code: 'AEVENT_NO_TASK' });
  });
});

describe.each([
  ['Semaphore', (value?: number) => new Semaphore(value)],
  ['BoundedSemaphore', (value?: number) => new BoundedSemaphore(value)],
])('%s', (_, make) => {
  it('lets as many in as it has permits, one by default', async () => {
    await run(() => {
      const semaphore = make(2);
      expect([semaphore.acquire(false), semaphore.acquire(false), semaphore.acquire(false)]).toEqual([
        true,
        true,
        false,
      ]);
      expect(semaphore.value).toBe(0);
      expect(make().value).toBe(1);
    });
  });

  it('wakes waiters in the order of their coming, as many as permits are given back', async () => {
    const order: number[] = [];
    await run(() => {
      const semaphore = make(3);
      for (let i = 0; i < 3; i++) semaphore.acquire();
      inGroup((tasks) => {
        for (let i = 0; i < 3; i++) {
          tasks.spawn(() => {
            semaphore.acquire();
            order.push(i);
          });
        }
        pause();
        semaphore.release(2);
        expect(semaphore.value).toBe(0);
        pause();
        expect(order).toEqual([0, 1]);
        semaphore.release();
      });
      expect(semaphore.value).toBe(0);
    });
    expect(order).toEqual([0, 1, 2]);
  });

  it('waits no longer than it is told', async () => {
    await timed(async (clock) => {
      const semaphore = make(0);
      expect(await call(() => semaphore.acquire(true, 30))).toBe(false);
      expect(await semaphore.acquireAsync(30)).toBe(false);
      expect(clock.now()).toBe(60);
    });
  });

  it('refuses counts that make no sense', () => {
    for (const value of [-1, 0.5]) {
      expect(thrownBy(() => make(value))).toMatchObject({ name: 'TypeError', code: 'AEVENT_INVALID_COUNT' });
    }
    for (const count of [0, -1, 1.5]) {
      expect(thrownBy(() => new Semaphore(0).release(count))).toMatchObject({ code: 'AEVENT_INVALID_COUNT' });
    }
  });

  it('holds a permit for a block of `using`', async () => {
    const semaphore = make(1);
    const held = await semaphore.holdAsync();
    expect(semaphore.value).toBe(0);
    held[Symbol.dispose]();
    held[Symbol.dispose]();
    expect(semaphore.value).toBe(1);
  });
});

describe('BoundedSemaphore', () => {
  it('is not released more often than it was acquired', () => {
    const semaphore = new BoundedSemaphore(2);
    semaphore.acquire();
    expect(thrownBy(() => semaphore.release(2))).toMatchObject({ code: 'AEVENT_RELEASED_TOO_OFTEN' });
    expect(semaphore.value).toBe(1);
    semaphore.release();
    expect(thrownBy(() => semaphore.release())).toMatchObject({ code: 'AEVENT_RELEASED_TOO_OFTEN' });
  });
});

describe('a task with hardly any stack left', () => {
  it('gets its RangeError and does not count as a waiter', async () => {
    await run(() => {
      const lock = new Lock();
      lock.acquire();
      let attempts = 0;
      // Tries again on the way back, until there is enough stack left.
      const dive = (): boolean => {
        try {
          return dive();
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          attempts++;
          return lock.acquire(true, 5000);
        }
      };
      inGroup((tasks) => {
        tasks.spawn(() => {
          expect(dive()).toBe(true);
          lock.release();
        });
        pause(3);
        expect(attempts).toBeGreaterThan(1);
        lock.release();
      });
      expect(lock.locked()).toBe(false);
    });
  });
});

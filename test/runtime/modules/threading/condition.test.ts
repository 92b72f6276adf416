// CPython's documentation of threading, "Condition objects" and "Event objects", and its Lib/test/lock_tests.py
// (ConditionTests, EventTests).
import { describe, expect, it } from 'vitest';
import { Cancelled, call, NoPortalError, run } from '../../../../dist/runtime/index.js';
import { suspendedCalls } from '../../../../dist/runtime/modules/lowlevel.js';
import { Condition, Event, Lock, RLock } from '../../../../dist/runtime/modules/threading/index.js';
import { pause, thrownBy, turn } from '../../../support/tools.js';
import { atOnce, inGroup, sleep, timed } from './tools.js';

describe.each([
  ['an RLock', () => new RLock()],
  ['a Lock', () => new Lock()],
])('a Condition with %s', (_, makeLock) => {
  const make = (): Condition => new Condition(makeLock());

  it('wait() releases the lock, waits for notify(), and has the lock again when it returns', async () => {
    const order: string[] = [];
    await run(() => {
      const condition = make();
      atOnce(
        () => {
          condition.acquire();
          order.push('waits');
          expect(condition.wait()).toBe(true);
          expect(condition.locked()).toBe(true);
          order.push('goes on');
          condition.release();
        },
        () => {
          condition.acquire();
          order.push('notifies');
          condition.notify();
          pause(2);
          order.push('releases');
          condition.release();
        },
      );
    });
    expect(order).toEqual(['waits', 'notifies', 'releases', 'goes on']);
  });

  it('notify(n) wakes at most n, who waited longest; notifyAll() wakes all', async () => {
    await run(() => {
      const condition = make();
      const woken: number[] = [];
      inGroup((tasks) => {
        for (let i = 0; i < 6; i++) {
          tasks.spawn(() => {
            condition.acquire();
            condition.wait();
            woken.push(i);
            condition.release();
          });
        }
        const notify = (act: () => void): number[] => {
          condition.acquire();
          act();
          condition.release();
          pause(4);
          return woken;
        };
        pause();
        expect(notify(() => condition.notify())).toEqual([0]);
        expect(notify(() => condition.notify(2))).toEqual([0, 1, 2]);
        expect(notify(() => condition.notifyAll())).toEqual([0, 1, 2, 3, 4, 5]);
        // Nobody waits: that is no error, and no later wait() gets it.
        notify(() => condition.notify());
      });
    });
  });

  it('wait(timeoutMs) gives false when the time is up, with the lock', async () => {
    await timed((clock) => {
      const condition = make();
      condition.acquire();
      expect(condition.wait(200)).toBe(false);
      expect(clock.now()).toBe(200);
      expect(condition.wait(0)).toBe(false);
      expect(condition.locked()).toBe(true);
      condition.release();
    });
  });

  it('waitFor() calls the predicate with the lock, and gives what it gave', async () => {
    await timed((clock) => {
      const condition = make();
      let state = 0;
      atOnce(
        () => {
          condition.acquire();
          expect(condition.waitFor(() => state === 4 && 'four')).toBe('four');
          condition.release();
        },
        () => {
          for (let i = 0; i < 4; i++) {
            sleep(10);
            condition.acquire();
            state++;
            condition.notify();
            condition.release();
          }
        },
      );
      condition.acquire();
      const before = clock.now();
      let calls = 0;
      expect(condition.waitFor(() => ++calls < 0, 100)).toBe(false);
      expect([calls, clock.now() - before]).toEqual([2, 100]);
      condition.release();
    });
  });

  it('without the lock, wait() and notify() are errors', async () => {
    await run(() => {
      const condition = make();
      for (const misuse of [
        () => condition.wait(),
        () => condition.notify(),
        () => condition.notifyAll(),
        () => condition.waitFor(() => false),
      ]) {
        expect(thrownBy(misuse)).toMatchObject({ code: 'AEVENT_NOT_ACQUIRED' });
      }
    });
  });

  it('a cancelled wait() throws with the lock, which it waited for', async () => {
    const order: string[] = [];
    await run(() => {
      const condition = make();
      inGroup((tasks) => {
        const scope = tasks.spawn(() => {
          condition.acquire();
          try {
            condition.wait();
          } catch (error) {
            order.push((error as Error).name);
            expect(condition.locked()).toBe(true);
            throw error;
          } finally {
            condition.release();
          }
        });
        pause();
        condition.acquire();
        scope.cancel();
        pause(2);
        order.push('releases');
        condition.release();
      });
      expect(condition.locked()).toBe(false);
    });
    expect(order).toEqual(['releases', 'Cancelled']);
  });

  it('who was notified before it was cancelled has been notified, and nobody else is', async () => {
    const order: string[] = [];
    await run(() => {
      const condition = make();
      inGroup((tasks) => {
        const waiter = (name: string) => () => {
          condition.acquire();
          try {
            condition.wait();
            order.push(name);
          } finally {
            condition.release();
          }
        };
        const scope = tasks.spawn(waiter('first'));
        tasks.spawn(waiter('second'));
        pause();
        condition.acquire();
        condition.notify();
        scope.cancel();
        condition.release();
        pause(3);
        expect(order).toEqual(['first']);
        condition.acquire();
        condition.notify();
        condition.release();
      });
    });
    expect(order).toEqual(['first', 'second']);
  });

  it('in a cancelled scope wait() throws before it lets go of the lock', async () => {
    await run(() => {
      const condition = make();
      inGroup((tasks) => {
        const scope = tasks.spawn(() => {
          condition.acquire();
          try {
            thrownBy(() => pause());
            expect(thrownBy(() => condition.wait())).toBeInstanceOf(Cancelled);
            expect(condition.locked()).toBe(true);
          } finally {
            condition.release();
          }
        });
        pause();
        scope.cancel();
      });
    });
  });

  it('two share one lock', async () => {
    const order: string[] = [];
    await run(() => {
      const lock = makeLock();
      const [full, empty] = [new Condition(lock), new Condition(lock)];
      let item: number | undefined;
      atOnce(
        () => {
          for (let i = 0; i < 3; i++) {
            lock.acquire();
            full.waitFor(() => item !== undefined);
            order.push(`took ${item}`);
            item = undefined;
            empty.notify();
            lock.release();
          }
        },
        () => {
          for (let i = 0; i < 3; i++) {
            lock.acquire();
            empty.waitFor(() => item === undefined);
            item = i;
            full.notify();
            lock.release();
          }
        },
      );
    });
    expect(order).toEqual(['took 0', 'took 1', 'took 2']);
  });

  it('outside of a task wait() throws and keeps the lock', () => {
    const condition = make();
    condition.acquire();
    expect(thrownBy(() => condition.wait())).toBeInstanceOf(NoPortalError);
    expect(condition.wait(0)).toBe(false);
    expect(condition.locked()).toBe(true);
    condition.notifyAll();
    condition.release();
  });
});

describe('Condition', () => {
  it('gives an RLock up whole, however often it is held, and has it as often again', async () => {
    await run(() => {
      const condition = new Condition();
      atOnce(
        () => {
          for (let i = 0; i < 3; i++) condition.acquire();
          condition.wait();
          for (let i = 0; i < 3; i++) condition.release();
        },
        () => {
          expect(condition.acquire(false)).toBe(true);
          condition.notify();
          condition.release();
        },
      );
      expect(condition.locked()).toBe(false);
    });
  });

  it('of which another task has the RLock is not for us', async () => {
    await run(() => {
      const condition = new Condition();
      condition.acquire();
      atOnce(() => {
        expect(thrownBy(() => condition.notify())).toMatchObject({ code: 'AEVENT_NOT_ACQUIRED' });
      });
      condition.release();
    });
  });

  it('with a Lock is for async code of no task, too', async () => {
    const condition = new Condition(new Lock());
    let ready = false;
    const waiter = (async () => {
      await condition.acquireAsync();
      const seen = await condition.waitForAsync(() => ready);
      condition.release();
      return seen;
    })();
    await turn();
    await call(() => {
      condition.acquire();
      ready = true;
      condition.notify();
      condition.release();
    });
    expect(await waiter).toBe(true);
    await condition.acquireAsync();
    expect(await condition.waitAsync(1)).toBe(false);
    condition.release();
  });
});

describe('Event', () => {
  it('is not set when made; set() and clear() change that', () => {
    const event = new Event();
    expect(event.isSet()).toBe(false);
    event.set();
    expect(event.isSet()).toBe(true);
    event.set();
    expect(event.isSet()).toBe(true);
    event.clear();
    expect(event.isSet()).toBe(false);
  });

  it('set() wakes all who wait, tasks and async functions, also if clear() follows at once', async () => {
    await run(() => {
      const event = new Event();
      const woken: unknown[] = [];
      inGroup((tasks) => {
        tasks.spawn(() => woken.push(event.wait()));
        tasks.spawn(async () => woken.push(await event.waitAsync()));
        tasks.spawn(() => woken.push(event.wait(10_000)));
        pause();
        expect(suspendedCalls().filter(({ what }) => what === 'Event.wait')).toHaveLength(2);
        event.set();
        event.clear();
      });
      expect(woken).toEqual([true, true, true]);
    });
  });

  it('wait() gives true at once if it is set, and false when the time is up', async () => {
    await timed(async (clock) => {
      const event = new Event();
      expect(await call(() => event.wait(500))).toBe(false);
      expect(await event.waitAsync(500)).toBe(false);
      expect(clock.now()).toBe(1000);
      event.set();
      expect(await call(() => event.wait())).toBe(true);
      expect(await event.waitAsync(0)).toBe(true);
      expect(clock.now()).toBe(1000);
    });
  });

  it('outside of a task wait() is refused, unless it is set', () => {
    const event = new Event();
    expect(thrownBy(() => event.wait())).toBeInstanceOf(NoPortalError);
    expect(event.wait(0)).toBe(false);
    event.set();
    expect(event.wait()).toBe(true);
  });

  it('a cancelled waiter is not woken, and not in the way', async () => {
    const order: unknown[] = [];
    await run(() => {
      const event = new Event();
      inGroup((tasks) => {
        const scope = tasks.spawn(() => order.push(thrownBy(() => event.wait())));
        tasks.spawn(() => order.push(event.wait()));
        pause();
        scope.cancel();
        event.set();
      });
    });
    expect(order).toEqual([expect.any(Cancelled), true]);
  });
});

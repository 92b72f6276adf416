// CPython's documentation of threading, "Barrier objects", and its Lib/test/lock_tests.py (BarrierTests); for
// cancellation that of asyncio.Barrier.
import { describe, expect, it } from 'vitest';
import { call, NoPortalError, run } from '../../../../dist/runtime/index.js';
import { Barrier, BrokenBarrierError } from '../../../../dist/runtime/modules/threading/index.js';
import { pause, thrownBy } from '../../../support/tools.js';
import { atOnce, inGroup, sleep, timed } from './tools.js';

describe('Barrier', () => {
  it('lets nobody go on before all have come, and tells each its place; again and again', async () => {
    await run(() => {
      const barrier = new Barrier(3);
      const order: string[] = [];
      const party = (name: string) => () => {
        for (let round = 0; round < 2; round++) {
          order.push(`${name} comes`);
          order.push(`${name} goes as ${barrier.wait()}`);
        }
      };
      atOnce(party('a'), party('b'), party('c'));
      expect(order.slice(0, 3)).toEqual(['a comes', 'b comes', 'c comes']);
      for (const round of [order.slice(3, 9), order.slice(9)]) {
        expect(
          round
            .filter((line) => line.includes('goes'))
            .map((line) => line.slice(-1))
            .sort(),
        ).toEqual(['0', '1', '2']);
      }
      expect(barrier.nWaiting).toBe(0);
    });
  });

  it('tells how many it is for, how many wait, and whether it is broken', async () => {
    await run(() => {
      const barrier = new Barrier(2);
      inGroup((tasks) => {
        tasks.spawn(() => barrier.wait());
        pause();
        expect([barrier.parties, barrier.nWaiting, barrier.broken]).toEqual([2, 1, false]);
        barrier.wait();
        expect(barrier.nWaiting).toBe(0);
      });
    });
  });

  it('has the last to come call the action before anybody goes on', async () => {
    const order: string[] = [];
    await run(() => {
      const barrier = new Barrier(2, () => {
        order.push('action begins');
        pause(2);
        order.push('action ends');
      });
      const party = () => order.push(`goes as ${barrier.wait()}`);
      atOnce(party, party);
    });
    expect(order.slice(0, 2)).toEqual(['action begins', 'action ends']);
    expect(order.slice(2).sort()).toEqual(['goes as 0', 'goes as 1']);
  });

  it('waits for the promise of an async action', async () => {
    const order: string[] = [];
    const action = async (): Promise<void> => {
      await null;
      order.push('action');
    };
    const barrier = new Barrier(1, action);
    await call(() => order.push(`sync ${barrier.wait()}`));
    order.push(`async ${await barrier.waitAsync()}`);
    expect(order).toEqual(['action', 'sync 0', 'action', 'async 0']);
  });

  it('keeps those who come while the action runs for the next round', async () => {
    await run(() => {
      let actions = 0;
      const barrier = new Barrier(2, () => {
        actions++;
        pause(3);
      });
      const seen: number[] = [];
      const party = () => {
        barrier.wait();
        seen.push(actions);
      };
      inGroup((tasks) => {
        tasks.spawn(party);
        tasks.spawn(party);
        pause();
        expect(actions).toBe(1);
        tasks.spawn(party);
        tasks.spawn(async () => {
          await barrier.waitAsync();
          seen.push(actions);
        });
      });
      expect(seen).toEqual([1, 1, 2, 2]);
    });
  });

  it('breaks if the action throws, which the last to come is told', async () => {
    await run(() => {
      const boom = new Error('boom');
      const barrier = new Barrier(2, () => {
        throw boom;
      });
      atOnce(
        () => expect(thrownBy(() => barrier.wait())).toBeInstanceOf(BrokenBarrierError),
        () => expect(thrownBy(() => barrier.wait())).toBe(boom),
      );
      expect(barrier.broken).toBe(true);
      expect(thrownBy(() => barrier.wait())).toMatchObject({
        name: 'BrokenBarrierError',
        code: 'AEVENT_BROKEN_BARRIER',
        message: 'The barrier was broken: its action failed. Barrier.reset() makes it new.',
      });
    });
  });

  it('breaks for all when the time of one is up; its own time-out holds for who gives none', async () => {
    await timed((clock) => {
      const barrier = new Barrier(3, undefined, 500);
      const broken = () => {
        expect(thrownBy(() => barrier.wait())).toBeInstanceOf(BrokenBarrierError);
        expect(clock.now()).toBe(100);
      };
      atOnce(broken, () => {
        expect(thrownBy(() => barrier.wait(100))).toMatchObject({ code: 'AEVENT_BROKEN_BARRIER' });
        expect(clock.now()).toBe(100);
      });
      barrier.reset();
      expect(thrownBy(() => barrier.wait())).toBeInstanceOf(BrokenBarrierError);
      expect(clock.now()).toBe(600);
      barrier.reset();
      expect(thrownBy(() => barrier.wait(0))).toBeInstanceOf(BrokenBarrierError);
      expect(clock.now()).toBe(600);
    });
  });

  it('does not break while the action runs, which may take its time', async () => {
    await timed(() => {
      const barrier = new Barrier(2, () => sleep(1000));
      const seen: number[] = [];
      atOnce(
        () => seen.push(barrier.wait(10)),
        () => seen.push(barrier.wait(10)),
      );
      expect(seen.sort()).toEqual([0, 1]);
    });
  });

  it('abort() breaks it for those who wait and those who come', async () => {
    await run(() => {
      const barrier = new Barrier(2);
      inGroup((tasks) => {
        tasks.spawn(() => expect(thrownBy(() => barrier.wait())).toBeInstanceOf(BrokenBarrierError));
        pause();
        barrier.abort();
        expect(barrier.broken).toBe(true);
        expect(thrownBy(() => barrier.wait())).toMatchObject({ message: expect.stringContaining('aborted') });
      });
    });
  });

  it('reset() breaks it for those who wait alone', async () => {
    await run(() => {
      const barrier = new Barrier(2);
      inGroup((tasks) => {
        tasks.spawn(() => expect(thrownBy(() => barrier.wait())).toBeInstanceOf(BrokenBarrierError));
        pause();
        barrier.reset();
        expect([barrier.broken, barrier.nWaiting]).toEqual([false, 0]);
      });
      atOnce(
        () => barrier.wait(),
        () => barrier.wait(),
      );
    });
  });

  it('abort() and reset() while the action runs break that round', async () => {
    for (const end of ['abort', 'reset'] as const) {
      await run(() => {
        const barrier = new Barrier(2, () => pause(4));
        const broken = () => expect(thrownBy(() => barrier.wait())).toBeInstanceOf(BrokenBarrierError);
        inGroup((tasks) => {
          tasks.spawn(broken);
          tasks.spawn(broken);
          pause();
          barrier[end]();
        });
        expect(barrier.broken).toBe(end === 'abort');
      });
    }
  });

  it('is left by a party that is cancelled', async () => {
    await run(() => {
      const barrier = new Barrier(2);
      inGroup((tasks) => {
        const scope = tasks.spawn(() => barrier.wait());
        const async = tasks.spawn(() => barrier.waitAsync());
        // The two are a round of their own.
        pause();
        expect(barrier.nWaiting).toBe(0);
        const third = tasks.spawn(() => barrier.wait());
        pause();
        expect(barrier.nWaiting).toBe(1);
        for (const one of [scope, async, third]) one.cancel();
        pause();
        expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
      });
    });
  });

  it('refuses a number of parties, or a time-out, that makes no sense', () => {
    for (const parties of [0, -1, 1.5]) {
      expect(thrownBy(() => new Barrier(parties))).toMatchObject({ code: 'AEVENT_INVALID_COUNT' });
    }
    expect(thrownBy(() => new Barrier(1, undefined, -1))).toMatchObject({ code: 'AEVENT_INVALID_TIMEOUT' });
  });

  it('outside of a task only the last one may come', () => {
    expect(new Barrier(1).wait()).toBe(0);
    const barrier = new Barrier(2);
    expect(thrownBy(() => barrier.wait())).toBeInstanceOf(NoPortalError);
    expect([barrier.nWaiting, barrier.broken]).toEqual([0, false]);
  });
});

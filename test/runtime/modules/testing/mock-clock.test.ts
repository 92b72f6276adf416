// trio's documentation of trio.testing.MockClock, and its tests (test_mock_clock, test_mock_clock_autojump).
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { now, startTimer } from '../../../../dist/runtime/base/clock.js';
import { call, checkpoint, currentTime, moveOnAfter, run } from '../../../../dist/runtime/index.js';
import { MockClock } from '../../../../dist/runtime/modules/testing/index.js';
import { pause, thrownBy, turn } from '../../../support/tools.js';
import { atOnce, sleep } from '../threading/tools.js';

const installed: Disposable[] = [];
let clock: MockClock;

beforeEach(() => {
  clock = new MockClock();
  installed.push(clock.install());
});
afterEach(() => {
  for (const one of installed.splice(0).reverse()) one[Symbol.dispose]();
});

describe('MockClock', () => {
  it('begins at 0 and stands still', async () => {
    expect([clock.now(), now(), currentTime(), clock.rate, clock.autojumpThresholdMs]).toEqual([
      0,
      0,
      0,
      0,
      Number.POSITIVE_INFINITY,
    ]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(now()).toBe(0);
  });

  it('jump() moves it, and whose time has come goes on, the earliest first', async () => {
    const order: unknown[] = [];
    await run(() => {
      atOnce(
        () => {
          sleep(2000);
          order.push(2000);
        },
        () => {
          sleep(1000);
          order.push(1000);
        },
        () => {
          pause();
          clock.jump(999);
          pause(2);
          expect(order).toEqual([]);
          clock.jump(1);
          checkpoint();
          expect(order).toEqual([1000]);
          clock.jump(5000);
          checkpoint();
          order.push(clock.now());
        },
      );
    });
    expect(order).toEqual([1000, 2000, 6000]);
  });

  it('refuses to go backwards or to the end of time', () => {
    for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(thrownBy(() => clock.jump(ms))).toMatchObject({ code: 'AEVENT_INVALID_OPTIONS' });
    }
    expect(thrownBy(() => new MockClock({ rate: -1 }))).toMatchObject({ name: 'TypeError' });
    expect(thrownBy(() => (clock.autojumpThresholdMs = Number.NaN))).toMatchObject({ name: 'TypeError' });
  });

  it('follows real time at its rate', async () => {
    const before = performance.now();
    clock.rate = 1000;
    await call(() => sleep(60_000));
    expect(clock.now()).toBeGreaterThanOrEqual(60_000);
    expect(performance.now() - before).toBeGreaterThan(30);
    clock.rate = 0;
    const stopped = clock.now();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(clock.now()).toBe(stopped);
  });

  it('jumps by itself to what is next when nothing else is left to do', async () => {
    clock.autojumpThresholdMs = 0;
    const times: number[] = [];
    await run(() => {
      atOnce(
        ...[10_000, 86_400_000, 1_000].map((ms) => () => {
          sleep(ms);
          times.push(now());
        }),
        () => {
          pause(20);
          times.push(now());
        },
      );
    });
    expect(times).toEqual([0, 1_000, 10_000, 86_400_000]);
  });

  it('waits so long for something else to happen before it jumps', async () => {
    clock.autojumpThresholdMs = 500;
    const times: number[] = [];
    await run(() => {
      atOnce(
        () => {
          sleep(1000);
          times.push(now());
        },
        async () => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          times.push(now());
        },
      );
    });
    expect(times).toEqual([0, 1000]);
  });

  it('may be told to jump by itself while tasks sleep already', async () => {
    const sleeping = call(() => sleep(1000));
    await turn(3);
    expect(now()).toBe(0);
    clock.autojumpThresholdMs = 0;
    await sleeping;
    expect(now()).toBe(1000);
  });

  it('is what deadlines go by', async () => {
    clock.autojumpThresholdMs = 0;
    await call(() => {
      moveOnAfter(1000, () => sleep(5000));
      expect(now()).toBe(1000);
    });
  });

  it('has timers of the same time be called in the order of their starts, and none that was stopped', async () => {
    const order: string[] = [];
    const stops: (() => void)[] = [];
    startTimer(10, () => {
      order.push('first');
      stops[1]?.();
    });
    stops.push(startTimer(10, () => order.push('stopped before')));
    stops.push(startTimer(10, () => order.push('stopped by the first')));
    startTimer(10, () => order.push('last'));
    startTimer(0, () => order.push('at once'));
    stops[0]?.();
    await turn(2);
    expect(order).toEqual(['at once']);
    clock.jump(10);
    await turn(2);
    expect(order).toEqual(['at once', 'first', 'last']);
  });

  it('that is no longer in force keeps the timers that it has', async () => {
    const sleeping = call(() => sleep(1000));
    await turn(2);
    installed.pop()?.[Symbol.dispose]();
    expect(now()).not.toBe(0);
    clock.jump(1000);
    await sleeping;
  });
});

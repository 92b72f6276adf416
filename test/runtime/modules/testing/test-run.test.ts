// What aevent/vitest, aevent/node-test and aevent/jest have in common; integration/test-runners/doors/ drives them in their runners.
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../dist/runtime/base/clock.js';
import {
  type AeventError,
  call,
  checkpoint,
  currentTime,
  hasPortal,
  moveOnAfter,
  spawn,
  TooSlowError,
} from '../../../../dist/runtime/index.js';
import { suspendedCalls } from '../../../../dist/runtime/modules/lowlevel.js';
import { MockClock } from '../../../../dist/runtime/modules/testing/index.js';
import { provideClock, runTest } from '../../../../dist/runtime/modules/testing/test-run.js';
import { Thread } from '../../../../dist/runtime/modules/threading/index.js';
import { sleep } from '../threading/tools.js';

const test = { kind: 'test' } as const;
const hook = { kind: 'hook' } as const;
const errorOf = (promise: Promise<unknown>): Promise<AeventError> =>
  promise.then(
    () => expect.fail('nothing was thrown'),
    (error: AeventError) => error,
  );

describe('runTest()', () => {
  it('runs synchronous and async functions in a task, and gives what they give', async () => {
    expect(await runTest(() => [hasPortal(), sleep(1)], test)).toEqual([true, undefined]);
    expect(await runTest(async () => hasPortal(), hook)).toBe(true);
    await expect(runTest(() => expect.fail('mine'), test)).rejects.toThrow('mine');
  });

  it('cancels a test that takes too long, and tells where it waits', async () => {
    let cleanedUp = false;
    const error = await errorOf(
      runTest(
        function slow() {
          try {
            sleep(60_000);
          } finally {
            cleanedUp = true;
          }
        },
        { kind: 'test', timeoutMs: 30 },
      ),
    );
    expect(error).toBeInstanceOf(TooSlowError);
    expect(error.message).toMatch(/^this test was not done within its 30 ms[\s\S]*test#\d+: waits in sleep/);
    expect(error.message).toContain('slow');
    expect(cleanedUp).toBe(true);
  });

  it('gives up async code that hears of no cancellation', async () => {
    const never = new Promise(() => {});
    const error = await errorOf(runTest(() => never, { kind: 'hook', timeoutMs: 30 }));
    expect(error.message).toMatch(/^this hook was not done within its 30 ms/);
  });

  it('fails for a task that goes on, with its dump, and cancels it', async () => {
    let lost: Promise<unknown> | undefined;
    const start = (): void => {
      lost = call(function forgotten() {
        sleep(60_000);
      }).catch((error: AeventError) => error.code);
    };
    const error = await errorOf(runTest(start, test));
    expect(error.code).toBe('AEVENT_LEFTOVER_TASKS');
    expect(error.message).toMatch(
      /^1 task\(s\).*forgotten#\d+[\s\S]*forgotten#\d+: waits in sleep[\s\S]*at forgotten/,
    );
    expect(await lost).toBe('AEVENT_CANCELLED');
    expect(suspendedCalls()).toEqual([]);
  });

  it('lets tasks end that only have to, and daemons be', async () => {
    const order: string[] = [];
    await runTest(() => {
      spawn(() => {
        for (let i = 0; i < 3; i++) checkpoint();
        order.push('ended');
      });
      new Thread({
        daemon: true,
        target: () => {
          try {
            sleep(60_000);
          } finally {
            order.push('daemon');
          }
        },
      }).start();
    }, test);
    expect(order).toEqual(['ended', 'daemon']);
  });

  it('throws the error of the test, not what is left over by it', async () => {
    const error = await errorOf(
      runTest(() => {
        spawn(() => sleep(60_000));
        sleep(1);
        throw new Error('an assertion');
      }, test),
    );
    expect(error.message).toBe('an assertion');
    expect(suspendedCalls()).toEqual([]);
  });

  it('fails with a task of the test that fails', async () => {
    const start = (): void => {
      spawn(() => expect.fail('in a task'));
      sleep(60_000);
    };
    await expect(runTest(start, test)).rejects.toThrow('in a task');
  });

  it('leaves the tasks of a hook to the tests', async () => {
    const order: string[] = [];
    await runTest(() => {
      spawn(() => {
        sleep(5);
        order.push('task of the hook');
      });
    }, hook);
    order.push('hook');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await runTest(() => sleep(20), test);
    expect(order).toEqual(['hook', 'task of the hook']);
  });

  it("is cancelled by the runner's signal", async () => {
    const controller = new AbortController();
    const order: string[] = [];
    const ending = runTest(
      () => {
        try {
          sleep(60_000);
        } finally {
          order.push('cancelled');
        }
      },
      { kind: 'test', signal: controller.signal },
    );
    setTimeout(() => controller.abort(), 5);
    await ending;
    expect(order).toEqual(['cancelled']);
  });

  it('goes by real time, whatever the clock of the test shows', async () => {
    const context: { clock?: MockClock } = {};
    let uninstall = (): void => {};
    provideClock(context, (given) => {
      uninstall = given;
    });
    const passed = await runTest(
      () => {
        const clock = context.clock as MockClock;
        clock.autojumpThresholdMs = 0;
        const before = currentTime();
        sleep(1e6);
        expect(moveOnAfter(1e6, () => sleep(1e7) ?? 'slept')).toBe(undefined);
        return currentTime() - before;
      },
      { kind: 'test', timeoutMs: 30_000 },
    );
    expect(passed).toBe(2e6);
    uninstall();
    expect(Math.abs(currentTime() - systemClock.now())).toBeLessThan(1000);
  });
});

describe('provideClock()', () => {
  it('leaves objects alone that have a clock, or take none', () => {
    const own = { clock: 1 };
    provideClock(own, () => {});
    provideClock(Object.freeze({}), () => {});
    expect(own.clock).toBe(1);
  });

  it('installs the clock when it is first read, one for each object', () => {
    const ends: (() => void)[] = [];
    const context: { clock?: MockClock } = {};
    provideClock(context, (end) => ends.push(end));
    expect(ends).toHaveLength(0);
    const { clock } = context;
    expect(clock).toBeInstanceOf(MockClock);
    expect([context.clock === clock, ends.length, currentTime()]).toEqual([true, 1, 0]);
    ends[0]?.();
    expect(currentTime()).not.toBe(0);
  });
});

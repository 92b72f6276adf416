// The example of Python aevent's README, and what its test_basic.py and test_time.py check, in our words.
// https://github.com/M-o-a-T/aevent
import { describe, expect, it } from 'vitest';
import { sleepSync } from '../../dist/monkey/facades/timers.js';
import {
  call,
  currentTime,
  hasPortal,
  native,
  patched,
  perTask,
  run,
  runner,
  taskGroup,
} from '../../dist/runtime/index.js';
import { apart } from '../support/tools.js';

describe("Python aevent's README", () => {
  it('ten sleepers sleep at once, not one after the other', async () => {
    const order: string[] = [];
    await run(() =>
      taskGroup((tasks) => {
        for (let i = 0; i < 10; i++) {
          tasks.spawn(() => {
            order.push('begins');
            sleepSync(50);
            order.push('ends');
          });
        }
      }),
    );
    expect(order).toEqual([...Array(10).fill('begins'), ...Array(10).fill('ends')]);
  });
});

describe('test_time.py', () => {
  it('a sleep takes its time, and lets others run', async () => {
    const ticks: number[] = [];
    const start = currentTime();
    await run(() =>
      taskGroup((tasks) => {
        tasks.spawnDaemon(() => {
          for (;;) {
            sleepSync(1);
            ticks.push(1);
          }
        });
        sleepSync(40);
        // A machine that stood still all the while has let nobody run.
        while (ticks.length === 0) sleepSync(1);
      }),
    );
    expect(currentTime() - start).toBeGreaterThan(35);
    expect(ticks.length).toBeGreaterThan(0);
  });
});

describe('test_basic.py', () => {
  it('a runner in plain async code', async () => {
    expect(await runner(() => hasPortal())).toBe(true);
    expect(hasPortal()).toBe(false);
  });

  it('per_task in a task that was started some other way', async () => {
    const portal = await apart(async () => {
      await perTask();
      sleepSync(1);
      return hasPortal();
    });
    expect(portal).toBe(true);
  });

  it('native() and patched() nest, follow tasks and async context, and choose at each call', async () => {
    const seen = await call(() =>
      native(() => [hasPortal(), patched(() => [hasPortal(), native(hasPortal), hasPortal()]), hasPortal()]),
    );
    expect(seen).toEqual([false, [true, false, true], false]);
    const later = await call(() => native(async () => [hasPortal(), await null, hasPortal()]));
    expect(later).toEqual([false, null, false]);
    // A task that is started in there is one of its own.
    expect(await call(() => native(() => call(hasPortal)))).toBe(true);
  });
});

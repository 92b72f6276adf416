import { describe, expect, it } from 'vitest';
import { call, run } from '../../../dist/runtime/index.js';
import { currentTask, suspend, suspendedCalls, yieldToLoop } from '../../../dist/runtime/modules/lowlevel.js';

describe('aevent/lowlevel', () => {
  it('tells which task runs, and none outside of tasks', async () => {
    expect(currentTask()).toBe(undefined);
    const [one, other] = await Promise.all([
      call(function first() {
        return currentTask();
      }),
      call(() => currentTask()),
    ]);
    expect(one?.name).toBe(`first#${one?.id}`);
    expect(other?.id).toBe((one?.id ?? 0) + 1);
  });

  it('tells of each suspended call what it waits in, whose it is, and its stack', async () => {
    await run(() => {
      let go: (value: string) => void = () => {};
      const waiting = call(function sleeper() {
        return suspend<string>('a test', (waiter) => {
          go = waiter.resolve;
          return undefined;
        });
      });
      yieldToLoop();
      const [found] = suspendedCalls().filter(({ what }) => what === 'a test');
      expect(found?.task?.name).toMatch(/^sleeper#\d+$/);
      expect(found?.stack).toContain('sleeper');
      go('done');
      return waiting.then((value) => {
        expect(value).toBe('done');
        expect(suspendedCalls().filter(({ what }) => what === 'a test')).toEqual([]);
      });
    });
  });
});

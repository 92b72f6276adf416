import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  await_,
  Cancelled,
  CancelScope,
  call,
  cancelShieldedCheckpoint,
  checkpoint,
  checkpointIfCancelled,
  currentEffectiveDeadline,
  currentTime,
  failAfter,
  failAt,
  moveOnAfter,
  moveOnAt,
  TooSlowError,
} from '../../../dist/runtime/index.js';
import { suspend } from '../../../dist/runtime/modules/lowlevel.js';
import { pause, paused, thrownBy, turn } from '../../support/tools.js';

const forever = (): void => suspend('for ever', () => undefined);

/** Keeps the stack busy until the clock says so; the event loop does not turn. */
function blockUntil(time: number): void {
  while (currentTime() < time);
}

describe('moveOnAfter', () => {
  it('gives what the function gives, and leaves it alone while there is time', async () => {
    expect(await call(() => moveOnAfter(60_000, () => paused('in time')))).toBe('in time');
    expect(await call(() => moveOnAfter(Number.POSITIVE_INFINITY, () => paused(1)))).toBe(1);
  });

  it('interrupts a wait when the time is up, and goes on with undefined', async () => {
    const order = await call(() => {
      const order: unknown[] = [];
      order.push(
        moveOnAfter(1, () => {
          try {
            forever();
          } finally {
            order.push('cleaned up');
          }
        }),
      );
      pause();
      order.push('went on');
      return order;
    });
    expect(order).toEqual(['cleaned up', undefined, 'went on']);
  });

  it('takes an async function, too, which is interrupted where it suspends', async () => {
    const seen: unknown[] = [];
    const value = await call(async () => {
      const scopes: CancelScope[] = [];
      const value = await moveOnAfter(1, async (scope) => {
        scopes.push(scope);
        await turn();
        forever();
      });
      seen.push(scopes[0]?.cancelledCaught, scopes[0]?.cancelCalled);
      return [value, await moveOnAfter(60_000, async () => paused(await 'in time'))];
    });
    expect(value).toEqual([undefined, 'in time']);
    expect(seen).toEqual([true, true]);
  });

  it('works in async code that belongs to no task: its signal is aborted', async () => {
    const value = await moveOnAfter(1, async ({ signal }) => {
      await delay(60_000, undefined, { signal }).catch(() => signal.throwIfAborted());
    });
    expect(value).toBe(undefined);
  });

  it('notices a deadline that passed while nothing could be interrupted', async () => {
    const seen = await call(() => {
      const scope = new CancelScope({ deadline: currentTime() + 5 });
      scope.run(() => {
        blockUntil(scope.deadline);
        checkpointIfCancelled();
      });
      return [scope.cancelCalled, scope.cancelledCaught];
    });
    expect(seen).toEqual([true, true]);
  });

  it('passes other errors on, and refuses what is no time', async () => {
    const boom = new Error('boom');
    const fail = () => {
      throw boom;
    };
    expect(await call(() => thrownBy(() => moveOnAfter(60_000, fail)))).toBe(boom);
    await expect(moveOnAfter(60_000, async () => fail())).rejects.toBe(boom);
    for (const delay of [-1, Number.NaN, '5', undefined]) {
      expect(thrownBy(() => moveOnAfter(delay as number, () => {}))).toMatchObject({
        name: 'TypeError',
        code: 'AEVENT_INVALID_OPTIONS',
      });
    }
  });

  it('with no time at all lets the function run up to its first suspension', async () => {
    const order: string[] = [];
    await call(() =>
      moveOnAfter(0, () => {
        order.push('begun');
        pause();
        order.push('never');
      }),
    );
    expect(order).toEqual(['begun']);
  });
});

describe('moveOnAt', () => {
  it('takes a moment of currentTime(), also one that is over', async () => {
    expect(await call(() => moveOnAt(currentTime() - 1, forever))).toBe(undefined);
    expect(await call(() => moveOnAt(currentTime() + 60_000, () => paused(1)))).toBe(1);
  });

  it('can be moved meanwhile', async () => {
    const value = await call(() =>
      moveOnAt(currentTime() + 60_000, (scope) => {
        scope.deadline = currentTime() + 1;
        forever();
      }),
    );
    expect(value).toBe(undefined);
  });

  it('is called off by an infinite deadline', async () => {
    const value = await call(() =>
      moveOnAfter(5, (scope) => {
        const { deadline } = scope;
        scope.deadline = Number.POSITIVE_INFINITY;
        blockUntil(deadline);
        return paused('not interrupted', 3);
      }),
    );
    expect(value).toBe('not interrupted');
  });
});

describe('failAfter and failAt', () => {
  it('throw a TooSlowError when the time is up', async () => {
    for (const slow of [() => failAfter(1, forever), () => failAt(currentTime() + 1, forever)]) {
      const error = await call(() => thrownBy(slow));
      expect(error).toBeInstanceOf(TooSlowError);
      expect(error).toMatchObject({ name: 'TooSlowError', code: 'AEVENT_TOO_SLOW' });
    }
    const slow = call(() =>
      failAfter(1, async () => {
        await null;
        forever();
      }),
    );
    await expect(slow).rejects.toMatchObject({
      code: 'AEVENT_TOO_SLOW',
      message: 'not done within 1 ms; what was still waited for was cancelled',
    });
  });

  it('give what the function gives in time', async () => {
    expect(await call(() => failAfter(60_000, () => paused(1)))).toBe(1);
    expect(await call(() => failAt(currentTime() + 60_000, async () => 2))).toBe(2);
  });

  it('do not take a cancellation by hand for slowness', async () => {
    const value = await call(() =>
      failAfter(60_000, (scope) => {
        scope.cancel();
        pause();
      }),
    );
    expect(value).toBe(undefined);
  });

  it('leave a cancellation from outside to the scope that it belongs to', async () => {
    const outer = new CancelScope();
    const seen = await call(() =>
      outer.run(() => {
        outer.cancel();
        return failAfter(60_000, () => pause());
      }),
    );
    expect([seen, outer.cancelledCaught]).toEqual([undefined, true]);
  });
});

describe('currentEffectiveDeadline', () => {
  it('is the earliest that gets in, up to a shield', async () => {
    expect(currentEffectiveDeadline()).toBe(Number.POSITIVE_INFINITY);
    const seen = await call(() => {
      const now = currentTime();
      const relative = () => Math.round(currentEffectiveDeadline() - now);
      return moveOnAt(now + 10_000, () => [
        relative(),
        moveOnAt(now + 20_000, relative),
        moveOnAt(now + 5000, relative),
        moveOnAt(now + 20_000, relative, { shield: true }),
        relative(),
      ]);
    });
    expect(seen).toEqual([10_000, 10_000, 5000, 20_000, 10_000]);
  });

  it('is not that of a scope that was left, for work that goes on inside', async () => {
    const seen = await call(async () => {
      let later: Promise<number> | undefined;
      moveOnAt(currentTime() + 10_000, () => {
        later = (async () => {
          await turn();
          return currentEffectiveDeadline();
        })();
      });
      return later;
    });
    expect(seen).toBe(Number.POSITIVE_INFINITY);
  });

  it('is -Infinity in a cancelled scope', async () => {
    const scope = new CancelScope();
    const seen = await call(() =>
      scope.run(() => {
        scope.cancel();
        return currentEffectiveDeadline();
      }),
    );
    expect(seen).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe('checkpoints', () => {
  it('checkpoint lets others run and raises Cancelled', async () => {
    const order: string[] = [];
    const scope = new CancelScope();
    const first = call(() =>
      scope.run(() => {
        checkpoint();
        order.push('second');
        scope.cancel();
        checkpoint();
        order.push('never');
      }),
    );
    const other = call(() => order.push('first'));
    await Promise.all([first, other]);
    expect(order).toEqual(['first', 'second']);
  });

  it('checkpointIfCancelled raises Cancelled, and lets nobody run', async () => {
    checkpointIfCancelled();
    const order: string[] = [];
    const scope = new CancelScope();
    const first = call(() =>
      scope.run(() => {
        checkpointIfCancelled();
        order.push('first');
        scope.cancel();
        order.push(thrownBy(checkpointIfCancelled) instanceof Cancelled ? 'cancelled' : 'something else');
      }),
    );
    await Promise.all([first, call(() => order.push('other'))]);
    expect(order).toEqual(['first', 'cancelled', 'other']);
  });

  it('cancelShieldedCheckpoint lets others run, cancelled or not', async () => {
    const order: string[] = [];
    const scope = new CancelScope();
    const first = call(() =>
      scope.run(() => {
        scope.cancel();
        cancelShieldedCheckpoint();
        order.push('second');
      }),
    );
    await Promise.all([first, call(() => order.push('first'))]);
    expect(order).toEqual(['first', 'second']);
  });

  it('needs a task, where it has to suspend', () => {
    expect(thrownBy(checkpoint)).toMatchObject({ code: 'AEVENT_NO_PORTAL' });
    expect(thrownBy(cancelShieldedCheckpoint)).toMatchObject({ code: 'AEVENT_NO_PORTAL' });
    expect(await_(1)).toBe(1);
  });
});

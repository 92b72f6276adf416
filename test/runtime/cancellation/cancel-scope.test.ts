import { describe, expect, it } from 'vitest';
import { await_, Cancelled, CancelScope, createTaskGroup } from '../../../dist/runtime/index.js';
import { suspend } from '../../../dist/runtime/modules/lowlevel.js';
import { pause, thrownBy, turn } from '../../support/tools.js';

/** Runs `body` as a task that can be cancelled, and what `meanwhile` does with its scope. */
async function cancellable(
  body: () => unknown,
  meanwhile: (scope: CancelScope) => unknown = (scope) => scope.cancel(),
): Promise<void> {
  const tasks = createTaskGroup();
  const scope = tasks.spawn(body);
  await turn(2);
  await meanwhile(scope);
  await tasks[Symbol.asyncDispose]();
}

describe('cancelling', () => {
  it('interrupts a wait at once and releases what it holds', async () => {
    const order: string[] = [];
    const body = () =>
      suspend('for ever', () => {
        order.push('begun');
        return () => void order.push('released');
      });
    await cancellable(body, (scope) => {
      scope.cancel();
      order.push('cancelled');
    });
    expect(order).toEqual(['begun', 'released', 'cancelled']);
  });

  it('is level-triggered: who swallows Cancelled gets it again', async () => {
    const caught: unknown[] = [];
    await cancellable(() => {
      while (caught.length < 3) {
        try {
          for (;;) pause();
        } catch (error) {
          caught.push(error);
        }
      }
    });
    expect(caught.map((error) => error instanceof Cancelled)).toEqual([true, true, true]);
  });

  it('does not begin what the next suspension would wait for', async () => {
    let begun = 0;
    await cancellable(() => {
      thrownBy(() => {
        for (;;) pause();
      });
      thrownBy(() =>
        suspend('anything', () => {
          begun++;
          return undefined;
        }),
      );
    });
    expect(begun).toBe(0);
  });

  it('lets code run that suspends nowhere', async () => {
    let rest = false;
    await cancellable(() => {
      try {
        for (;;) pause();
      } catch {
        rest = true;
      }
    });
    expect(rest).toBe(true);
  });

  it('a second time changes nothing', async () => {
    const caught: unknown[] = [];
    await cancellable(
      () => {
        caught.push(
          thrownBy(() => {
            for (;;) pause();
          }),
        );
      },
      (scope) => {
        scope.cancel('first');
        scope.cancel('second');
      },
    );
    expect(caught).toMatchObject([{ message: 'the scope was cancelled: first', cause: 'first' }]);
  });

  it('comes too late for a wait that is settled already', async () => {
    let value: unknown;
    let settle = (_: string): void => {};
    await cancellable(
      () => {
        value = suspend<string>('a word', ({ resolve }) => {
          settle = resolve;
          return undefined;
        });
      },
      (scope) => {
        settle('word');
        scope.cancel();
      },
    );
    expect(value).toBe('word');
  });

  it('lets a promise fail unheard that the task would have waited for', async () => {
    const unheard: unknown[] = [];
    const note = (reason: unknown) => unheard.push(reason);
    process.on('unhandledRejection', note);
    await cancellable(() => {
      try {
        for (;;) pause();
      } finally {
        await_(Promise.reject(new Error('nobody waits for this')));
      }
    });
    await turn(2);
    process.off('unhandledRejection', note);
    expect(unheard).toEqual([]);
  });

  it('leaves a promise alone that a task waited for', async () => {
    let resolve = (_: string): void => {};
    const promise = new Promise<string>((resolveIt) => {
      resolve = resolveIt;
    });
    await cancellable(() => suspend('promise', (wait) => void promise.then(wait.resolve)));
    resolve('still');
    expect(await promise).toBe('still');
  });
});

describe('shield', () => {
  it('keeps the cancellation of scopes around it out, until it is lowered', async () => {
    const order: string[] = [];
    const tasks = createTaskGroup();
    const scope = tasks.spawn(() => {
      try {
        pause(6);
        order.push('shielded work');
        scope.shield = false;
        pause();
        order.push('never');
      } catch (error) {
        order.push((error as Error).message);
      }
    });
    scope.shield = true;
    await turn(2);
    tasks.cancelScope.cancel('everything ends');
    await tasks[Symbol.asyncDispose]();
    expect(order).toEqual(['shielded work', 'the scope was cancelled: everything ends']);
  });

  it('lowered while the task waits interrupts the wait', async () => {
    let caught: unknown;
    const tasks = createTaskGroup();
    const scope = tasks.spawn(() => {
      caught = thrownBy(() => suspend('for ever', () => undefined));
    });
    scope.shield = true;
    await turn();
    tasks.cancelScope.cancel();
    await turn();
    expect(caught).toBe(undefined);
    scope.shield = false;
    await tasks[Symbol.asyncDispose]();
    expect(caught).toBeInstanceOf(Cancelled);
  });

  it('does not keep out its own cancellation', async () => {
    let caught: unknown;
    await cancellable(
      () => {
        caught = thrownBy(() => suspend('for ever', () => undefined));
      },
      (scope) => {
        scope.shield = true;
        scope.cancel();
      },
    );
    expect(caught).toBeInstanceOf(Cancelled);
  });
});

describe('CancelScope', () => {
  it('tells whether it, or one around it, was cancelled', () => {
    const outer = CancelScope.within(undefined);
    const inner = CancelScope.within(outer);
    const states = () => [outer, inner].map((scope) => [scope.cancelCalled, scope.effectivelyCancelled]);
    expect(states()).toEqual([
      [false, false],
      [false, false],
    ]);
    outer.cancel();
    expect(states()).toEqual([
      [true, true],
      [false, true],
    ]);
    inner.shield = true;
    expect(inner.effectivelyCancelled).toBe(false);
  });

  it('does not cancel what is around it', () => {
    const outer = CancelScope.within(undefined);
    const inner = CancelScope.within(outer);
    inner.cancel();
    expect(outer.effectivelyCancelled).toBe(false);
  });

  it('names the reason of the nearest cancelled scope', () => {
    const outer = CancelScope.within(undefined);
    const inner = CancelScope.within(outer);
    outer.cancel(new Error('outer'));
    expect(inner.cancelledError()).toMatchObject({ message: 'the scope was cancelled: outer' });
    inner.cancel();
    expect(inner.cancelledError()).toMatchObject({ message: 'the scope was cancelled' });
  });

  it('has a signal that is aborted with it, or from outside', () => {
    const outer = CancelScope.within(undefined);
    const inner = CancelScope.within(outer);
    const { signal } = inner;
    expect(inner.signal).toBe(signal);
    expect(signal.aborted).toBe(false);
    outer.cancel('over');
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(Cancelled);
    expect(outer.signal.aborted).toBe(true);
  });

  it('has a signal that respects the shield', () => {
    const outer = CancelScope.within(undefined);
    const inner = CancelScope.within(outer);
    const { signal } = inner;
    inner.shield = true;
    outer.cancel();
    expect(signal.aborted).toBe(false);
    inner.shield = false;
    expect(signal.aborted).toBe(true);
  });

  it('delivers through scopes that hold no wait themselves', async () => {
    const caught: unknown[] = [];
    const tasks = createTaskGroup();
    tasks.spawn(() => {
      const inner = createTaskGroup();
      inner.spawn(() => {
        const innermost = createTaskGroup();
        innermost.spawn(() => {
          caught.push(thrownBy(() => suspend('for ever', () => undefined)));
        });
        pause(2);
        innermost[Symbol.dispose]();
      });
      inner[Symbol.dispose]();
    });
    await turn(5);
    tasks.cancelScope.cancel();
    await tasks[Symbol.asyncDispose]();
    expect(caught).toHaveLength(1);
    expect(caught[0]).toBeInstanceOf(Cancelled);
  });
});

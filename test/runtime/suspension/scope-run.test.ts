import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  await_,
  Cancelled,
  CancelScope,
  call,
  createTaskGroup,
  taskGroup,
} from '../../../dist/runtime/index.js';
import { suspend } from '../../../dist/runtime/modules/lowlevel.js';
import { pause, paused, thrownBy, turn } from '../../support/tools.js';

const forever = (): void => suspend('for ever', () => undefined);

describe('CancelScope.run', () => {
  it('gives the value of a synchronous and of an async function, and hands itself over', async () => {
    const scope = new CancelScope();
    expect(await call(() => scope.run((own) => paused(own === scope)))).toBe(true);
    expect(await new CancelScope().run(async () => await 1)).toBe(1);
  });

  it('is for one piece of work', async () => {
    const scope = new CancelScope();
    scope.run(() => {});
    expect(thrownBy(() => scope.run(() => {}))).toMatchObject({ code: 'AEVENT_SCOPE_REUSED' });
  });

  it('catches its own Cancelled only', async () => {
    const [outer, inner] = [new CancelScope(), new CancelScope()];
    await call(() =>
      outer.run(() => {
        inner.run(() => {
          inner.cancel();
          outer.cancel();
          forever();
        });
      }),
    );
    expect([outer.cancelledCaught, inner.cancelledCaught]).toEqual([true, false]);
  });

  it('passes on the Cancelled of another task', async () => {
    const foreign = await call(() => {
      const scope = new CancelScope();
      return scope.run(() => {
        scope.cancel();
        return thrownBy(forever);
      });
    });
    const scope = new CancelScope();
    const thrown = thrownBy(() =>
      scope.run(() => {
        scope.cancel();
        throw foreign;
      }),
    );
    expect(thrown).toBe(foreign);
    expect(scope.cancelledCaught).toBe(false);
  });

  it('takes an AggregateError of nothing but its cancellations for one', async () => {
    const scope = new CancelScope();
    await call(() =>
      scope.run(() => {
        scope.cancel();
        throw new AggregateError([thrownBy(forever), thrownBy(forever)]);
      }),
    );
    expect(scope.cancelledCaught).toBe(true);
  });

  it('does not touch work that goes on after it was left', async () => {
    const order: string[] = [];
    let later: Promise<void> | undefined;
    await call(() => {
      const scope = new CancelScope();
      scope.run(() => {
        later = (async () => {
          await turn(2);
          order.push(paused('goes on'));
        })();
      });
      scope.cancel();
    });
    await later;
    expect(order).toEqual(['goes on']);
  });

  it('cancelled before it is entered, interrupts at the first suspension', async () => {
    const scope = new CancelScope();
    scope.cancel('too late');
    const order: string[] = [];
    await call(() =>
      scope.run(() => {
        order.push('begun');
        pause();
        order.push('never');
      }),
    );
    expect(order).toEqual(['begun']);
  });
});

describe('a scope made from an AbortSignal', () => {
  it('is cancelled when that is aborted, with its reason', async () => {
    const controller = new AbortController();
    const scope = new CancelScope({ signal: controller.signal });
    let caught: unknown;
    const done = call(() =>
      scope.run(() => {
        caught = thrownBy(forever);
      }),
    );
    await turn();
    controller.abort('enough');
    await done;
    expect(caught).toBeInstanceOf(Cancelled);
    expect(caught).toMatchObject({ cause: 'enough' });
  });

  it('that is aborted already, or after the work', async () => {
    const scope = new CancelScope({ signal: AbortSignal.abort() });
    expect(await call(() => scope.run(forever))).toBe(undefined);
    const controller = new AbortController();
    const ended = new CancelScope({ signal: controller.signal });
    ended.run(() => {});
    controller.abort();
    expect(ended.cancelCalled).toBe(false);
  });

  it('refuses what is no signal, and what is no deadline', () => {
    const make = (options: object) => thrownBy(() => new CancelScope(options));
    expect(make({ signal: {} })).toMatchObject({ name: 'TypeError', code: 'AEVENT_INVALID_OPTIONS' });
    expect(make({ deadline: 'soon' })).toMatchObject({ name: 'TypeError', code: 'AEVENT_INVALID_OPTIONS' });
  });
});

describe("a scope's signal", () => {
  it('aborts a fetch that it is given to, in async code and in synchronous code', async () => {
    const server = createServer(() => {}).listen(0);
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://localhost:${(server.address() as AddressInfo).port}`;
    const closed = () =>
      new Promise((resolve) => server.once('request', ({ socket }) => socket.once('close', resolve)));
    for (const get of [
      async (signal: AbortSignal) => void (await fetch(url, { signal })),
      (signal: AbortSignal) => void await_(fetch(url, { signal })),
    ]) {
      const gone = closed();
      const scope = new CancelScope();
      server.once('request', () => scope.cancel());
      await call(() => scope.run(({ signal }) => get(signal)));
      expect(scope.cancelledCaught).toBe(true);
      await gone;
    }
    server.close();
  });

  it('whose listener suspends does not keep cancel() from returning', async () => {
    const order: string[] = [];
    await call(() => {
      const scope = new CancelScope();
      scope.run(({ signal }) => {
        signal.addEventListener('abort', () => {
          order.push('listener');
        });
        scope.cancel();
        order.push('cancelled');
      });
    });
    expect(order).toEqual(['listener', 'cancelled']);
  });
});

describe('AbortSignals of the program', () => {
  it('go on working in tasks', async () => {
    const controller = new AbortController();
    const error = call(() => thrownBy(() => await_(delay(60_000, undefined, { signal: controller.signal }))));
    await turn();
    controller.abort();
    expect(await error).toMatchObject({ name: 'AbortError' });
  });
});

describe('misnesting', () => {
  it('of task groups opened by using is an error that says which and how', async () => {
    const error = await call(() => {
      const scope = new CancelScope();
      return thrownBy(() =>
        scope.run(() => {
          const tasks = createTaskGroup();
          void tasks[Symbol.dispose]; // what `using` does at its declaration
        }),
      );
    });
    expect(error).toMatchObject({
      code: 'AEVENT_MISNESTED',
      message:
        'a CancelScope was left while a task group, which was opened inside it, is still open. ' +
        'Leave the inner one first: scopes end in the reverse order of their beginnings.',
    });
  });
});

describe('mixing', () => {
  it('sync suspensions and awaits in one scope are interrupted alike, and only there', async () => {
    const order: string[] = [];
    await taskGroup(async (tasks) => {
      const scope = tasks.spawn(async () => {
        for (;;) {
          await turn();
          pause();
        }
      });
      tasks.spawn(async () => {
        await turn(3);
        order.push(paused('sibling'));
      });
      await turn(3);
      scope.cancel();
    });
    expect(order).toEqual(['sibling']);
  });
});

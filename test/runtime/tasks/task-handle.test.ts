import { describe, expect, it } from 'vitest';
import {
  CancelScope,
  call,
  createTaskGroup,
  NoPortalError,
  run,
  runner,
  type Started,
  spawn,
  taskGroup,
} from '../../../dist/runtime/index.js';
import { suspend } from '../../../dist/runtime/modules/lowlevel.js';
import { pause, paused, thrownBy, turn } from '../../support/tools.js';

const boom = new Error('boom');
const forever = (): void => suspend('for ever', () => undefined);
const fail = (): never => {
  pause();
  throw boom;
};

describe('TaskGroup.startSoon', () => {
  it('gives a handle that tells of the task', async () => {
    const seen = await call(() =>
      taskGroup((tasks) => {
        const handle = tasks.startSoon(
          function add(a: number, b: number) {
            return paused(a + b);
          },
          1,
          2,
        );
        const before = [handle.name, handle.status, handle.result];
        return [before, handle.wait(), handle.status, handle.result, handle.error];
      }),
    );
    expect(seen).toEqual([['add', 'running', undefined], 3, 'succeeded', 3, undefined]);
  });

  it('can be waited for in async code, and after its end', async () => {
    await taskGroup(async (tasks) => {
      const handle = tasks.startSoon(async () => paused('value'));
      expect(await Promise.all([handle.waitAsync(), handle.waitAsync()])).toEqual(['value', 'value']);
      expect(await handle.waitAsync()).toBe('value');
    });
  });

  it('a task that is cancelled alone is an error for who waits for it, not for the group', async () => {
    const seen = await call(() =>
      taskGroup((tasks) => {
        const handle = tasks.startSoon(forever);
        pause();
        handle.cancel('not needed');
        const error = thrownBy(() => handle.wait());
        return [handle.status, error];
      }),
    );
    expect(seen).toMatchObject([
      'cancelled',
      { code: 'AEVENT_TASK_CANCELLED', cause: { cause: 'not needed' } },
    ]);
  });

  it('a task that fails fails its group, and who waits outside of it', async () => {
    const group = createTaskGroup();
    const handle = group.startSoon(fail);
    const waiting = call(() => thrownBy(() => handle.wait()));
    await expect(group[Symbol.asyncDispose]()).rejects.toMatchObject({ errors: [boom] });
    expect(await waiting).toBe(boom);
    expect([handle.status, handle.error]).toEqual(['failed', boom]);
  });

  it('who waits inside the group is cancelled, and the error is there once', async () => {
    const failed = call(() => taskGroup((tasks) => tasks.startSoon(fail).wait()));
    await expect(failed).rejects.toMatchObject({ name: 'AggregateError', errors: [boom] });
  });

  it('giving up a wait leaves the task alone', async () => {
    const value = await call(() =>
      taskGroup((tasks) => {
        const handle = tasks.startSoon(() => paused('value', 4));
        const impatient = new CancelScope();
        impatient.run(() => {
          impatient.cancel();
          handle.wait();
        });
        return [impatient.cancelledCaught, handle.wait()];
      }),
    );
    expect(value).toEqual([true, 'value']);
  });
});

describe('TaskGroup.start', () => {
  const server = (started: Started<string>, name: string) => {
    pause();
    started(name);
    forever();
  };

  it('waits until the task says that it has started, in sync and async code', async () => {
    const seen = await call(() =>
      taskGroup((tasks) => {
        const value = tasks.start(server, 'sync');
        tasks.cancelScope.cancel();
        return value;
      }),
    );
    expect(seen).toBe('sync');
    await taskGroup(async (tasks) => {
      expect(await tasks.startAsync(server, 'async')).toBe('async');
      tasks.cancelScope.cancel();
    });
  });

  it('throws what the task throws before it started, and the group goes on', async () => {
    const order = await call(() =>
      taskGroup((tasks) => {
        const other = tasks.startSoon(() => paused('other', 5));
        return [thrownBy(() => tasks.start(fail)), other.wait()];
      }),
    );
    expect(order).toEqual([boom, 'other']);
  });

  it('what it throws afterwards fails the group', async () => {
    const failed = call(() =>
      taskGroup((tasks) => {
        tasks.start((started) => {
          started();
          fail();
        });
        forever();
      }),
    );
    await expect(failed).rejects.toMatchObject({ errors: [boom] });
  });

  it('misuse is an error', async () => {
    const seen = await call(() =>
      taskGroup((tasks) => [
        thrownBy(() => tasks.start(function quits() {})),
        tasks.start((started: Started<unknown>) => {
          started(1);
          expect(thrownBy(() => started(2))).toMatchObject({ code: 'AEVENT_STARTED_TWICE' });
        }),
      ]),
    );
    expect(seen).toMatchObject([
      { code: 'AEVENT_NOT_STARTED', message: 'quits ended without having called started().' },
      1,
    ]);
    expect(thrownBy(() => createTaskGroup().start(() => {}))).toBeInstanceOf(NoPortalError);
  });

  it('cancelling who waits cancels the task, and waits for its end', async () => {
    const order: string[] = [];
    const group = createTaskGroup();
    const scope = new CancelScope();
    const starting = call(() =>
      scope.run(() => {
        try {
          group.start(() => {
            try {
              forever();
            } finally {
              order.push('task');
            }
          });
        } finally {
          order.push('starter');
        }
      }),
    );
    await turn(3);
    scope.cancel();
    await starting;
    await group[Symbol.asyncDispose]();
    expect(order).toEqual(['task', 'starter']);
  });
});

describe('taskGroup', () => {
  it('cancels the tasks when the body throws, and throws that', async () => {
    const order: string[] = [];
    const body = (tasks: { spawn(fn: () => void): unknown }) => {
      tasks.spawn(() => {
        try {
          forever();
        } finally {
          order.push('task');
        }
      });
      pause();
      throw boom;
    };
    expect(await call(() => thrownBy(() => taskGroup(body)))).toBe(boom);
    await expect(
      taskGroup(async (tasks) => {
        tasks.spawn(() => {
          order.push('second');
        });
        await turn();
        throw boom;
      }),
    ).rejects.toBe(boom);
    expect(order).toEqual(['task', 'second']);
  });

  it('gives undefined when its scope was cancelled', async () => {
    const value = await call(() =>
      taskGroup((tasks): string => {
        tasks.cancelScope.cancel();
        pause();
        return 'never';
      }),
    );
    expect(value).toBe(undefined);
  });

  it('whose synchronous body ends where nobody can wait cancels the tasks', async () => {
    const seen: unknown[] = [];
    const spawning = (tasks: TaskGroup) =>
      void tasks.spawn(() => {
        seen.push('begun');
        forever();
      });
    expect(thrownBy(() => taskGroup(spawning))).toBeInstanceOf(NoPortalError);
    const failing = () => {
      throw boom;
    };
    expect(thrownBy(() => taskGroup(failing))).toBe(boom);
    await turn(2);
    expect(seen).toEqual([]);
  });

  it('needs a task for a synchronous body, and refuses what is no function', () => {
    expect(thrownBy(() => taskGroup(() => 1))).toBeInstanceOf(NoPortalError);
    expect(thrownBy(() => createTaskGroup().spawn(undefined as never))).toMatchObject({
      name: 'TypeError',
      message: 'spawn() takes a function, not undefined.',
    });
  });
});

describe('using', () => {
  it('puts its block into the scope of the group: a failing task interrupts it', async () => {
    const seen: string[] = [];
    const failed = call(() => {
      using tasks = createTaskGroup();
      tasks.spawn(fail);
      try {
        forever();
      } catch (error) {
        seen.push((error as Error).message);
      }
    });
    await expect(failed).rejects.toMatchObject({ name: 'AggregateError', errors: [boom] });
    expect(seen).toEqual(['the scope was cancelled: boom']);
  });

  it('in async code, too; the runner sees the error behind the interrupted block', async () => {
    const failed = run(async () => {
      await using tasks = createTaskGroup();
      tasks.spawn(fail);
      forever();
    });
    await expect(failed).rejects.toMatchObject({ name: 'AggregateError', errors: [boom] });
  });

  it('with an await before the group, functions that run side by side do not get into each other', async () => {
    const ended = await run(() =>
      Promise.allSettled(
        [fail, () => paused('second', 4)].map(async (work) => {
          await using tasks = await createTaskGroup();
          const handle = tasks.startSoon(work);
          pause(6);
          return handle.result;
        }),
      ),
    );
    expect(ended).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: 'second' }]);
  });

  it('gives the context back', async () => {
    const order = await call(() => {
      const order: string[] = [];
      {
        using tasks = createTaskGroup();
        tasks.cancelScope.cancel();
        order.push((thrownBy(forever) as Error).name);
      }
      order.push(paused('goes on'));
      return order;
    });
    expect(order).toEqual(['Cancelled', 'goes on']);
  });
});

describe('spawn', () => {
  it('starts a task of the nearest runner, which waits for it', async () => {
    const order: string[] = [];
    await runner(async () => {
      await run(() => {
        taskGroup(() => {
          spawn((name: string) => order.push(paused(name, 3)), 'task of the inner runner');
        });
        order.push('group left');
      });
      order.push('inner runner left');
    });
    expect(order).toEqual(['group left', 'task of the inner runner', 'inner runner left']);
  });

  it('outside of a runner is an error with advice, in a task as well', async () => {
    const error = {
      code: 'AEVENT_NO_RUNNER',
      message: /^spawn\(forever\) was called outside of a runner.*aevent\.run\(\)/,
    };
    for (const thrown of [thrownBy(() => spawn(forever)), await call(() => thrownBy(() => spawn(forever)))]) {
      expect(thrown).toMatchObject({ code: error.code });
      expect((thrown as Error).message).toMatch(error.message);
    }
  });
});

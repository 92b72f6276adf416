import { describe, expect, it } from 'vitest';
import {
  call,
  createTaskGroup,
  hasPortal,
  NoPortalError,
  type TaskGroup,
} from '../../../dist/runtime/index.js';
import { pause, paused, thrownBy, turn } from '../../support/tools.js';

const boom = new Error('boom');

/** Runs for ever; gives what cancelled it to `seen`. */
function endless(seen: unknown[] = []): void {
  try {
    for (;;) pause();
  } catch (error) {
    seen.push(error);
    throw error;
  }
}

async function inGroup(body: (tasks: TaskGroup) => unknown): Promise<void> {
  const tasks = createTaskGroup();
  await body(tasks);
  await tasks[Symbol.asyncDispose]();
}

describe('createTaskGroup', () => {
  it('waits for its tasks, also for those that tasks spawn meanwhile', async () => {
    const order: string[] = [];
    await inGroup((tasks) => {
      tasks.spawn(() => {
        pause();
        tasks.spawn((name) => order.push(paused(name)), 'second');
        order.push('first');
      });
    });
    expect(order).toEqual(['first', 'second']);
  });

  it('starts its tasks in order, each in a microtask, and passes the arguments', async () => {
    const order: unknown[] = [];
    await inGroup((tasks) => {
      for (const name of ['a', 'b', 'c']) tasks.spawn((...args) => order.push(args), name, hasPortal());
      order.push('spawned');
    });
    expect(order).toEqual(['spawned', ['a', false], ['b', false], ['c', false]]);
  });

  it('waits in the synchronous code of a task, too', async () => {
    const order: string[] = [];
    await call(() => {
      const tasks = createTaskGroup();
      tasks.spawn(() => order.push(paused('task', 2)));
      tasks[Symbol.dispose]();
      order.push('left');
    });
    expect(order).toEqual(['task', 'left']);
  });

  it('cannot be left synchronously where nothing can be suspended', () => {
    expect(thrownBy(() => createTaskGroup()[Symbol.dispose]())).toBeInstanceOf(NoPortalError);
  });

  it('cancels the others when a task fails, and rejects with an AggregateError of all errors', async () => {
    const seen: unknown[] = [];
    const other = new TypeError('while it was cancelled');
    const failed = inGroup((tasks) => {
      tasks.spawn(endless, seen);
      tasks.spawn(() => {
        try {
          endless(seen);
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: the subject
          throw other;
        }
      });
      tasks.spawn(() => {
        pause();
        throw boom;
      });
    });
    await expect(failed).rejects.toMatchObject({ name: 'AggregateError', errors: [boom, other] });
    expect(seen).toHaveLength(2);
    for (const error of seen) expect(error).toMatchObject({ code: 'AEVENT_CANCELLED', cause: boom });
  });

  it('throws the AggregateError from the synchronous form as well', async () => {
    const error = await call(() => {
      const tasks = createTaskGroup();
      tasks.spawn(async () => {
        throw boom;
      });
      return thrownBy(() => tasks[Symbol.dispose]());
    });
    expect(error).toMatchObject({ name: 'AggregateError', errors: [boom] });
  });

  it('does not start what is cancelled before its microtask comes', async () => {
    let started = false;
    await inGroup((tasks) => {
      tasks
        .spawn(() => {
          started = true;
        })
        .cancel();
    });
    expect(started).toBe(false);
  });

  it('goes on without a task that was cancelled alone', async () => {
    const order: string[] = [];
    await inGroup(async (tasks) => {
      const seen: unknown[] = [];
      const scope = tasks.spawn(endless, seen);
      tasks.spawn(() => order.push(paused('sibling', 5)));
      await turn(2);
      scope.cancel('no longer needed');
      await turn(2);
      expect(seen).toHaveLength(1);
      expect(seen[0]).toMatchObject({ message: 'the scope was cancelled: no longer needed' });
    });
    expect(order).toEqual(['sibling']);
  });

  it('is cancelled as a whole by its scope, without an error', async () => {
    const seen: unknown[] = [];
    await inGroup(async (tasks) => {
      for (let i = 0; i < 3; i++) tasks.spawn(endless, seen);
      await turn(2);
      tasks.cancelScope.cancel();
    });
    expect(seen).toHaveLength(3);
  });

  it('takes a Cancelled that nobody asked for as an error', async () => {
    const foreign = await call(() => {
      const tasks = createTaskGroup();
      const seen: unknown[] = [];
      const scope = tasks.spawn(endless, seen);
      pause(2);
      scope.cancel();
      tasks[Symbol.dispose]();
      return seen[0];
    });
    const failed = inGroup((tasks) =>
      tasks.spawn(() => {
        throw foreign;
      }),
    );
    await expect(failed).rejects.toMatchObject({ errors: [foreign] });
  });

  it('refuses to spawn once it was left', async () => {
    const tasks = createTaskGroup();
    await tasks[Symbol.asyncDispose]();
    expect(thrownBy(() => tasks.spawn(function late() {}))).toMatchObject({
      code: 'AEVENT_GROUP_CLOSED',
      message: 'spawn(late) was called on a task group that was left. Spawn before the group ends.',
    });
    expect(thrownBy(() => tasks.spawnDaemon(() => {}))).toMatchObject({ code: 'AEVENT_GROUP_CLOSED' });
  });

  it('can be left twice', async () => {
    const tasks = createTaskGroup();
    tasks.spawn(() => pause());
    await Promise.all([tasks[Symbol.asyncDispose](), tasks[Symbol.asyncDispose]()]);
    await tasks[Symbol.asyncDispose]();
  });

  it('waits for its tasks also where the task around it is cancelled meanwhile', async () => {
    const order: string[] = [];
    await inGroup(async (outer) => {
      const scope = outer.spawn(() => {
        const inner = createTaskGroup();
        inner.spawn(() => {
          try {
            endless();
          } finally {
            order.push('inner task');
          }
        });
        try {
          inner[Symbol.dispose]();
        } catch (error) {
          order.push(`left by ${(error as Error).name}`);
        }
      });
      await turn(2);
      scope.cancel();
    });
    expect(order).toEqual(['inner task', 'left by Cancelled']);
  });
});

import { describe, expect, it } from 'vitest';
import {
  await_,
  call,
  createTaskGroup,
  hasPortal,
  perTask,
  type Runner,
  run,
  runner,
} from '../../../dist/runtime/index.js';
import { apart, pause, paused, turn } from '../../support/tools.js';

const boom = new Error('boom');

function spawnDaemonAndTask(tasks: Runner, order: string[]): void {
  tasks.spawnDaemon(() => {
    try {
      for (;;) pause();
    } finally {
      order.push('daemon');
    }
  });
  tasks.spawn(() => {
    pause(3);
    order.push('task');
  });
}

describe('run', () => {
  it('gives what the function returns, sync or async', async () => {
    expect(await run((a: number, b: number) => paused(a * b), 6, 7)).toBe(42);
    expect(await run(async () => paused(await 'async'))).toBe('async');
  });

  it('rejects with what the function throws, as it is', async () => {
    const fail = (thrown: unknown) => () => {
      pause();
      throw thrown;
    };
    await expect(run(fail(boom))).rejects.toBe(boom);
    await expect(run(fail('text'))).rejects.toBe('text');
    expect(await run(fail(undefined)).catch((reason: unknown) => [reason])).toEqual([undefined]);
  });

  it('waits for the tasks of groups that were left', async () => {
    const order: string[] = [];
    await run(async () => {
      const tasks = createTaskGroup();
      tasks.spawn(() => {
        pause(3);
        order.push('child');
      });
      await tasks[Symbol.asyncDispose]();
      order.push('main');
    });
    order.push('run');
    expect(order).toEqual(['child', 'main', 'run']);
  });

  it('can be nested, in sync and async code', async () => {
    const value = await run(async () => {
      const first = await run(() => paused(1));
      const second = await_(run(() => paused(await_(run(() => 2)))));
      return [first, second, hasPortal()];
    });
    expect(value).toEqual([1, 2, true]);
  });

  it('leaves the context of its caller alone', async () => {
    await run(() => pause());
    expect(hasPortal()).toBe(false);
  });
});

describe('runner', () => {
  it('settles when its body and every task have ended', async () => {
    const order: string[] = [];
    const value = await runner((tasks) => {
      tasks.spawn(() => {
        pause(2);
        tasks.spawn(() => {
          pause(2);
          order.push('grandchild');
        });
        order.push('child');
      });
      order.push('body');
      return 'value';
    });
    expect(value).toBe('value');
    expect(order).toEqual(['body', 'child', 'grandchild']);
  });

  it('cancels its daemons when it is left, and waits for their ends', async () => {
    const order: string[] = [];
    await runner((tasks) => {
      spawnDaemonAndTask(tasks, order);
    });
    order.push('left');
    expect(order).toEqual(['task', 'daemon', 'left']);
  });

  it('cancels its tasks when the body throws, and rejects with that error alone', async () => {
    let error: unknown;
    const failed = runner((tasks) => {
      tasks.spawn(() => {
        try {
          for (;;) pause();
        } catch (caught) {
          error = caught;
          throw caught;
        }
      });
      pause();
      throw boom;
    });
    await expect(failed).rejects.toBe(boom);
    expect(error).toMatchObject({ code: 'AEVENT_CANCELLED' });
  });

  it('cancels its body when a task fails, and rejects with an AggregateError of the failures', async () => {
    let left = false;
    const failed = runner((tasks) => {
      tasks.spawn(() => {
        throw boom;
      });
      try {
        for (;;) pause();
      } finally {
        left = true;
      }
    });
    await expect(failed).rejects.toMatchObject({ name: 'AggregateError', errors: [boom] });
    expect(left).toBe(true);
  });

  it('collects the errors of its body and its tasks', async () => {
    const failed = runner((tasks) => {
      tasks.spawn(() => {
        throw boom;
      });
      throw new RangeError('body');
    });
    await expect(failed).rejects.toMatchObject({ errors: [new RangeError('body'), boom] });
  });

  it('nests: an inner one does not end the daemons of an outer one', async () => {
    const order: string[] = [];
    await runner(async (outer) => {
      outer.spawnDaemon(() => {
        try {
          for (;;) pause();
        } finally {
          order.push('outer daemon');
        }
      });
      await runner((inner) => {
        inner.spawnDaemon(() => {
          try {
            for (;;) pause();
          } finally {
            order.push('inner daemon');
          }
        });
        pause(2);
      });
      order.push('inner left');
      pause(2);
      order.push('outer leaves');
    });
    expect(order).toEqual(['inner daemon', 'inner left', 'outer leaves', 'outer daemon']);
  });

  it('is cancelled with the runner around it', async () => {
    const outer = runner(async (tasks) => {
      tasks.spawn(() => {
        pause();
        throw boom;
      });
      await runner(() => {
        for (;;) pause();
      });
    });
    await expect(outer).rejects.toMatchObject({ errors: [boom] });
  });
});

describe('await using tasks = await runner()', () => {
  it('opts the calling async context in until it is left', async () => {
    const seen = await apart(async () => {
      const before = hasPortal();
      const tasks = await runner();
      const inside = hasPortal();
      pause();
      await tasks[Symbol.asyncDispose]();
      return { before, inside, after: hasPortal() };
    });
    expect(seen).toEqual({ before: false, inside: true, after: false });
  });

  it('waits for its tasks and cancels its daemons', async () => {
    const order: string[] = [];
    await apart(async () => {
      const tasks = await runner();
      spawnDaemonAndTask(tasks, order);
      await tasks[Symbol.asyncDispose]();
      order.push('left');
    });
    expect(order).toEqual(['task', 'daemon', 'left']);
  });

  it('rejects with the errors of its tasks', async () => {
    const left = apart(async () => {
      const tasks = await runner();
      tasks.spawn(() => {
        throw boom;
      });
      await tasks[Symbol.asyncDispose]();
    });
    await expect(left).rejects.toMatchObject({ name: 'AggregateError', errors: [boom] });
  });
});

describe('perTask', () => {
  it('lets the calling async function suspend, also after later awaits', async () => {
    const seen = await apart(async () => {
      const portals = [hasPortal()];
      await perTask();
      portals.push(hasPortal());
      await null;
      portals.push(hasPortal());
      await turn();
      portals.push(hasPortal());
      pause();
      return portals;
    });
    expect(seen).toEqual([false, true, true, true]);
  });

  it('holds for what the function calls and starts', async () => {
    const seen = await apart(async () => {
      await perTask();
      const called = async () => {
        await turn();
        pause();
        return hasPortal();
      };
      return Promise.all([called(), call(() => hasPortal()), Promise.resolve().then(() => hasPortal())]);
    });
    expect(seen).toEqual([true, true, true]);
  });

  it('leaves async functions that run at the same time native', async () => {
    const portals: boolean[] = [];
    const without = async () => {
      for (let i = 0; i < 5; i++) {
        portals.push(hasPortal());
        await turn();
      }
    };
    const within = async () => {
      await perTask();
      for (let i = 0; i < 5; i++) pause();
    };
    await Promise.all([apart(without), apart(within), apart(without), apart(within)]);
    expect(portals).toEqual(Array(10).fill(false));
  });

  it('interleaves the functions that called it', async () => {
    const order: string[] = [];
    const work = (name: string) => async () => {
      await perTask();
      for (let step = 1; step <= 3; step++) {
        order.push(`${name}${step}`);
        pause();
      }
    };
    await Promise.all([apart(work('a')), apart(work('b'))]);
    expect(order).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
  });

  it('changes nothing in a task', async () => {
    const portal = await call(async () => {
      await perTask();
      return paused(hasPortal());
    });
    expect(portal).toBe(true);
  });
});

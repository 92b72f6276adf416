// What trio's and anyio's documentation says about cancellation and task groups, as programs.
import { describe, expect, it } from 'vitest';
import {
  Cancelled,
  CancelScope,
  call,
  checkpoint,
  currentTime,
  failAfter,
  moveOnAfter,
  run,
  type TaskGroup,
  taskGroup,
} from '../../dist/runtime/index.js';
import { suspend } from '../../dist/runtime/modules/lowlevel.js';
import { pause, paused, thrownBy } from '../support/tools.js';

const forever = (): void => suspend('for ever', () => undefined);
const boom = new Error('boom');

// https://trio.readthedocs.io/en/stable/reference-core.html#cancellation-and-timeouts
describe('trio, "Cancellation and timeouts"', () => {
  it('a timeout prints its two lines, and the sleep between them is cut short', async () => {
    const lines = await call(() => {
      const lines = ['starting...'];
      moveOnAfter(5, () => {
        forever();
        lines.push('sleep finished without error');
      });
      lines.push('move_on_after finished without error');
      return lines;
    });
    expect(lines).toEqual(['starting...', 'move_on_after finished without error']);
  });

  it('the scope tells that it was cut short', async () => {
    const scope = new CancelScope({ deadline: currentTime() + 5 });
    await call(() => scope.run(forever));
    expect(scope.cancelledCaught).toBe(true);
  });

  it('nested timeouts: the inner one is left, the outer one goes on', async () => {
    const lines = await call(() => {
      const lines: string[] = [];
      moveOnAfter(60_000, () => {
        moveOnAfter(1, () => {
          forever();
          lines.push('never');
        });
        lines.push('inner left');
        pause();
        lines.push('outer goes on');
      });
      return lines;
    });
    expect(lines).toEqual(['inner left', 'outer goes on']);
  });

  it('nested timeouts: the outer one goes through the inner one', async () => {
    const lines: string[] = [];
    const [outer, inner] = [new CancelScope({ deadline: currentTime() + 1 }), new CancelScope()];
    await call(() =>
      outer.run(() => {
        inner.run(forever);
        lines.push('never');
      }),
    );
    expect(lines).toEqual([]);
    expect([outer.cancelledCaught, inner.cancelledCaught]).toEqual([true, false]);
  });

  it('cleanup that suspends is cancelled, too, unless it is shielded for a while', async () => {
    const lines: string[] = [];
    const goodbye = (shield: boolean) => () => {
      try {
        forever();
      } finally {
        moveOnAfter(
          60_000,
          () => {
            lines.push(paused(`goodbye, ${shield ? 'shielded' : 'not shielded'}`));
          },
          { shield },
        );
      }
    };
    await call(() => moveOnAfter(1, goodbye(false)));
    await call(() => moveOnAfter(1, goodbye(true)));
    expect(lines).toEqual(['goodbye, shielded']);
  });
});

// https://trio.readthedocs.io/en/stable/reference-core.html#errors-in-multiple-child-tasks
describe('trio, "Errors in multiple child tasks"', () => {
  it('both errors come out', async () => {
    const broken1 = () => {
      pause();
      throw new RangeError('broken1');
    };
    const broken2 = () => {
      try {
        forever();
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: the subject
        throw new TypeError('broken2');
      }
    };
    const failed = call(() =>
      taskGroup((tasks) => {
        tasks.startSoon(broken1);
        tasks.startSoon(broken2);
      }),
    );
    await expect(failed).rejects.toMatchObject({ errors: [{ message: 'broken1' }, { message: 'broken2' }] });
  });
});

// https://trio.readthedocs.io/en/stable/reference-core.html#nurseries-and-spawning
describe('trio, "Nurseries and spawning"', () => {
  it('an error in a child cancels the parent, which waits in a synchronous call', async () => {
    const seen: string[] = [];
    const failed = call(() =>
      taskGroup((tasks) => {
        tasks.spawn(() => {
          pause();
          throw boom;
        });
        try {
          forever();
        } catch (error) {
          seen.push((error as Error).message);
          throw error;
        }
      }),
    );
    await expect(failed).rejects.toMatchObject({ name: 'AggregateError', errors: [boom] });
    expect(seen).toEqual(['the scope was cancelled: boom']);
  });

  it('cancellation during cleanup in finally: the next suspension is cancelled again, the rest runs', async () => {
    const seen: string[] = [];
    await run(() => {
      moveOnAfter(1, () => {
        try {
          forever();
        } finally {
          seen.push('cleanup begins');
          seen.push(`suspending: ${(thrownBy(checkpoint) as Error).name}`);
          seen.push(`and again: ${(thrownBy(checkpoint) as Error).name}`);
        }
      });
      seen.push(paused('program goes on'));
    });
    expect(seen).toEqual([
      'cleanup begins',
      'suspending: Cancelled',
      'and again: Cancelled',
      'program goes on',
    ]);
  });

  it('happy eyeballs: the first to win cancels the rest', async () => {
    const winners: number[] = [];
    await call(() =>
      taskGroup((tasks) => {
        for (const turns of [9, 2, 5]) {
          tasks.spawn(() => {
            winners.push(paused(turns, turns));
            tasks.cancelScope.cancel();
          });
        }
      }),
    );
    expect(winners).toEqual([2]);
  });

  it('an explicit start waits until the task is ready', async () => {
    const order: string[] = [];
    const server = (started: (port: number) => void, host: string) => {
      order.push(paused(`${host} gets ready`));
      started(80);
      order.push(paused('serves'));
    };
    await call(() =>
      taskGroup((tasks) => {
        const port = tasks.start(server, 'host');
        order.push(`ready at ${port}`);
      }),
    );
    expect(order).toEqual(['host gets ready', 'ready at 80', 'serves']);
  });
});

// https://anyio.readthedocs.io/en/stable/cancellation.html
describe('anyio, "Cancellation and timeouts"', () => {
  it('fail_after raises, move_on_after does not', async () => {
    const outcome = await call(() => [
      (thrownBy(() => failAfter(1, forever)) as Error).name,
      moveOnAfter(1, forever),
    ]);
    expect(outcome).toEqual(['TooSlowError', undefined]);
  });

  it('shielding: the inner task goes on while the outer scope is cancelled', async () => {
    const seen = await call(() => {
      const lines: string[] = [];
      const inside = (tasks: TaskGroup) => {
        new CancelScope({ shield: true }).run(() => {
          tasks.spawn(forever);
          tasks.cancelScope.cancel();
          lines.push(paused('shielded'));
        });
        lines.push((thrownBy(checkpoint) as Error).name);
      };
      taskGroup(inside);
      return lines;
    });
    expect(seen).toEqual(['shielded', 'Cancelled']);
  });

  it('a Cancelled that was caught and kept is raised again', async () => {
    const caught: unknown[] = [];
    await call(() =>
      moveOnAfter(1, () => {
        for (let i = 0; i < 3; i++) {
          try {
            forever();
          } catch (error) {
            caught.push(error);
          }
        }
      }),
    );
    expect(caught).toHaveLength(3);
    for (const error of caught) expect(error).toBeInstanceOf(Cancelled);
  });
});

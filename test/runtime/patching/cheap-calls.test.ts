import { afterEach, describe, expect, it } from 'vitest';
import { call, createTaskGroup, info } from '../../../dist/runtime/index.js';
import {
  cheaply,
  type Policy,
  policyOf,
  setMaxBlockMs,
  setPolicy,
} from '../../../dist/runtime/patching/cheap-calls.js';
import { thrownBy, together, turn } from '../../support/tools.js';

/** Computes for longer than any budget here. */
function block(): void {
  for (const until = performance.now() + 4; performance.now() < until; );
}

/** Whether the loop turned during the call. */
function turnedIn(fn: () => void): boolean {
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  fn();
  return turned;
}

/** A cheap call that does nothing. */
const cheap = () => cheaply('fs', () => {});

/** Whether the loop turned in each of three cheap calls of a task. */
const turnedInTask = (before: () => void) =>
  call(() =>
    [1, 2, 3].map(() => {
      before();
      return turnedIn(cheap);
    }),
  );

afterEach(() => {
  setMaxBlockMs(1);
  setPolicy('fs', 'auto');
});

describe('a cheap call', () => {
  it('is carried out before the loop turns, which it does before the call returns', async () => {
    setMaxBlockMs(0);
    const order: string[] = [];
    await call(() => {
      block();
      setImmediate(() => order.push('the loop turned'));
      cheaply('fs', () => order.push('carried out'));
      order.push('returned');
    });
    expect(order).toEqual(['carried out', 'the loop turned', 'returned']);
  });

  it('gives its value, or throws its error, when the loop has turned', async () => {
    setMaxBlockMs(0);
    const outcomes = await call(() => [
      cheaply('fs', () => 'value'),
      thrownBy(() =>
        cheaply('fs', () => {
          throw 'its error';
        }),
      ),
    ]);
    expect(outcomes).toEqual(['value', 'its error']);
  });

  it('of a task that makes few of them returns at once, however long the task or others have kept the loop', async () => {
    expect(await turnedInTask(block)).toEqual([false, false, false]);
    const turned: boolean[] = [];
    await together(5, () => {
      block();
      for (let i = 0; i < 50; i++) turned.push(turnedIn(cheap));
    });
    expect(turned).toEqual(Array(250).fill(false));
  });

  it('of a task that has made very many lets the loop turn, after which it may make as many again', async () => {
    const turns = await call(() => {
      let calls = 0;
      const callsBefore: number[] = [];
      while (callsBefore.length < 2) {
        const turned = turnedIn(() => {
          for (const until = performance.now() + 0.05; performance.now() < until; );
          cheap();
        });
        calls++;
        if (turned) callsBefore.push(calls);
      }
      return callsBefore;
    });
    const [first = 0, second = 0] = turns;
    expect(first).toBeGreaterThan(100);
    expect(second - first).toBeGreaterThan(100);
    expect(second).toBeLessThan(2000);
  });

  it('of two tasks that wake each other lets the loop turn', async () => {
    const { Event } = await import('../../../dist/runtime/modules/threading/index.js');
    const events = [new Event(), new Event()];
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    await together(2, (id) => {
      const [mine, other] = id === 0 ? events : events.toReversed();
      for (let i = 0; i < 100_000 && !turned; i++) {
        other?.set();
        cheap();
        mine?.wait();
        mine?.clear();
      }
      other?.set();
    });
    expect(turned).toBe(true);
  });

  it('runs at once while there is some of its budget left', async () => {
    setMaxBlockMs(1e6);
    const before = info().carriers.switches;
    await turnedInTask(block);
    expect(await turnedInTask(block)).toEqual([false, false, false]);
    expect(info().carriers.switches - before).toBeLessThan(10);
  });

  it('lets the loop turn each time under the policy always', async () => {
    setMaxBlockMs(1e6);
    setPolicy('fs', 'always');
    expect(await turnedInTask(() => {})).toEqual([true, true, true]);
  });

  it('never waits under the policy never', async () => {
    setMaxBlockMs(0);
    setPolicy('fs', 'never');
    expect(await turnedInTask(block)).toEqual([false, false, false]);
  });

  it('lets the loop turn each time if there is no budget at all', async () => {
    setMaxBlockMs(0);
    expect(await turnedInTask(() => {})).toEqual([true, true, true]);
  });

  it('of each of many tasks is followed by a turn, in order', async () => {
    setMaxBlockMs(0);
    const order: number[] = [];
    await together(20, (id) => {
      cheap();
      order.push(id);
    });
    expect(order).toEqual(Array.from({ length: 20 }, (_, id) => id));
  });

  it('shares a turn of the loop with those of other tasks', async () => {
    let turns = 0;
    const count = () => {
      turns++;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    await together(50, (id) => {
      setMaxBlockMs(0);
      cheaply('fs', () => setMaxBlockMs(id === 49 ? 1000 : 0));
    });
    clearImmediate(counting);
    expect(turns).toBeLessThan(10);
  });

  it('goes on when one that waits for its turn before it is cancelled: that one returns, the next call raises', async () => {
    setMaxBlockMs(0);
    const order: unknown[] = [];
    const tasks = createTaskGroup();
    const scopes = [1, 2, 3].map((id) =>
      tasks.spawn(() => {
        order.push(cheaply('fs', () => id));
        cheaply('fs', () => order.push(`${id} again`));
      }),
    );
    await call(() => scopes[1]?.cancel());
    await tasks[Symbol.asyncDispose]();
    expect(order.toSorted()).toEqual([1, '1 again', 2, 3, '3 again']);
  });

  it('in a cancelled scope raises, and is not carried out', async () => {
    let carriedOut = false;
    let error: unknown;
    const tasks = createTaskGroup();
    tasks.spawn(() => {
      tasks.cancelScope.cancel();
      error = thrownBy(() =>
        cheaply('fs', () => {
          carriedOut = true;
        }),
      );
    });
    await tasks[Symbol.asyncDispose]();
    await turn();
    expect([error, carriedOut]).toEqual([expect.objectContaining({ code: 'AEVENT_CANCELLED' }), false]);
  });
});

describe('setPolicy', () => {
  it('sets the policy of one module', () => {
    setPolicy('zlib', 'always');
    expect(['zlib', 'fs'].map(policyOf)).toEqual(['always', 'auto']);
  });

  it('refuses what is no policy', () => {
    expect(thrownBy(() => setPolicy('fs', 'sometimes' as Policy))).toMatchObject({
      code: 'AEVENT_UNKNOWN_POLICY',
    });
  });
});

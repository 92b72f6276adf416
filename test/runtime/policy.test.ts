import { afterEach, describe, expect, it } from 'vitest';
import { call, createTaskGroup, info } from '../../dist/runtime/index.js';
import { cheap, type Policy, policyOf, setMaxBlockMs, setPolicy } from '../../dist/runtime/policy.js';
import { thrownBy, together, turn } from './tools.js';

/** Keeps the event loop from turning for longer than any budget here. */
function block(): void {
  const end = performance.now() + 3;
  while (performance.now() < end);
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

/** Whether the loop turned in each of three cheap calls of a task. */
const turnedInTask = (before: () => void) =>
  call(() =>
    [1, 2, 3].map(() => {
      before();
      return turnedIn(() => cheap('fs'));
    }),
  );

afterEach(() => {
  setMaxBlockMs(1);
  setPolicy('fs', 'auto');
});

describe('a cheap call', () => {
  it('lets the loop turn first when its budget is spent', async () => {
    expect(await turnedInTask(block)).toEqual([true, true, true]);
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

  it('gets its turn even if there is no budget at all', async () => {
    setMaxBlockMs(0);
    expect(await turnedInTask(() => {})).toEqual([true, true, true]);
  });

  it('of each of many tasks gets its turn, in order', async () => {
    const order: number[] = [];
    await together(20, (id) => {
      block();
      cheap('fs');
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
    setMaxBlockMs(1000);
    await together(50, (id) => {
      if (id === 0) {
        setMaxBlockMs(2);
        block();
      }
      cheap('fs');
      if (id === 0) setMaxBlockMs(1000);
    });
    clearImmediate(counting);
    expect(turns).toBeLessThan(10);
  });

  it('goes on when one that waits before it is cancelled', async () => {
    const order: unknown[] = [];
    const tasks = createTaskGroup();
    const wait = (id: number) => {
      block();
      cheap('fs');
      order.push(id);
    };
    const scopes = [1, 2, 3].map((id) => tasks.spawn(wait, id));
    await call(() => scopes[1]?.cancel());
    await tasks[Symbol.asyncDispose]();
    expect(order).toEqual([1, 3]);
  });

  it('is cancelled while it waits for its turn', async () => {
    let error: unknown;
    const tasks = createTaskGroup();
    const scope = tasks.spawn(() => {
      block();
      error = thrownBy(() => cheap('fs'));
    });
    await call(() => scope.cancel());
    await tasks[Symbol.asyncDispose]();
    await turn();
    expect(error).toMatchObject({ code: 'AEVENT_CANCELLED' });
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

import { describe, expect, it } from 'vitest';
import { call, info, NoPortalError } from '../../../dist/runtime/index.js';
import { suspend, type Waiter, yieldToLoop } from '../../../dist/runtime/modules/lowlevel.js';
import { pause, thrownBy, together, turn } from '../../support/tools.js';

const boom = new Error('boom');

describe('suspend', () => {
  it('gives the value that the wait is resolved with, or throws what it is rejected with', async () => {
    const later = (settle: (wait: Waiter<string>) => void) =>
      suspend<string>('test', (wait) => {
        setImmediate(() => settle(wait));
        return undefined;
      });
    const results = await call(() => [
      later((wait) => wait.resolve('value')),
      thrownBy(() => later((wait) => wait.reject(boom))),
      thrownBy(() => later((wait) => wait.reject(undefined))),
    ]);
    expect(results).toEqual(['value', boom, undefined]);
  });

  it('parks nothing that is settled at once', async () => {
    const switches = await call(() => {
      const before = info().carriers.switches;
      const value = suspend<number>('test', ({ resolve }) => void resolve(42));
      expect(thrownBy(() => suspend('test', ({ reject }) => void reject(boom)))).toBe(boom);
      expect(value).toBe(42);
      return info().carriers.switches - before;
    });
    expect(switches).toBe(0);
  });

  it('keeps the first outcome', async () => {
    const value = await call(() =>
      suspend('test', ({ resolve, reject }) => {
        resolve('first');
        resolve('second');
        reject(boom);
        setImmediate(reject, boom);
        return undefined;
      }),
    );
    await turn();
    expect(value).toBe('first');
  });

  it('throws what beginning the wait throws', async () => {
    const begin = () => {
      throw boom;
    };
    expect(await call(() => thrownBy(() => suspend('test', begin)))).toBe(boom);
  });

  it('can be nested: beginning a wait may suspend', async () => {
    const value = await call(() =>
      suspend<string>('outer', ({ resolve }) => {
        const inner = suspend<string>('inner', (wait) => void setImmediate(wait.resolve, 'inner'));
        setImmediate(resolve, `${inner}, outer`);
        return undefined;
      }),
    );
    expect(value).toBe('inner, outer');
  });

  it('outside of a task throws NoPortalError and begins nothing', () => {
    let begun = false;
    const begin = () => {
      begun = true;
      return undefined;
    };
    const error = thrownBy(() => suspend('fs.readFileSync', begin)) as Error;
    expect(error).toBeInstanceOf(NoPortalError);
    expect(error.message).toMatch(/^fs\.readFileSync was called where nothing can be suspended/);
    expect(begun).toBe(false);
  });

  it('resumes in the order of the wakes', async () => {
    const waits: Waiter<number>[] = [];
    const order: number[] = [];
    const done = together(5, () => order.push(suspend<number>('test', (wait) => void waits.push(wait))));
    await turn();
    for (const index of [3, 0, 4, 1, 2]) waits[index]?.resolve(index);
    expect(order).toEqual([]);
    await done;
    expect(order).toEqual([3, 0, 4, 1, 2]);
  });

  it('takes turns among tasks that yield', async () => {
    const order: string[] = [];
    await together(3, (task) => {
      for (let step = 0; step < 3; step++) {
        order.push(`${task}.${step}`);
        yieldToLoop();
      }
    });
    expect(order).toEqual(['0.0', '1.0', '2.0', '0.1', '1.1', '2.1', '0.2', '1.2', '2.2']);
  });

  it('lets microtasks and timers run meanwhile', async () => {
    const seen: string[] = [];
    await call(() => {
      const ticks = ['microtask', 'tick', 'timer', 'immediate'];
      void Promise.resolve().then(() => seen.push('microtask'));
      process.nextTick(() => seen.push('tick'));
      setTimeout(() => seen.push('timer'));
      setImmediate(() => seen.push('immediate'));
      while (seen.length < ticks.length) pause();
      expect(seen).toEqual(expect.arrayContaining(ticks));
    });
  });

  it('parks 2,000 tasks at once, and takes their carriers back', async () => {
    const waits: Waiter<number>[] = [];
    const before = info();
    const done = together(2000, (index) => {
      const [first = -1] = [index].map(() => suspend<number>('test', (wait) => void waits.push(wait)));
      return first;
    });
    while (waits.length < 2000) await turn();
    expect(info().tasks).toEqual({ live: before.tasks.live + 2000, parked: before.tasks.parked + 2000 });
    for (const [index, wait] of waits.entries()) wait.resolve(index);
    expect(await done).toEqual(Array.from({ length: 2000 }, (_, index) => index));
    await turn();
    const { carriers, tasks } = info();
    expect(tasks).toEqual(before.tasks);
    expect(carriers.idle).toBeGreaterThanOrEqual(2000);
    await together(500, () => pause());
    expect(info().carriers.made).toBeLessThanOrEqual(carriers.made);
  });
});

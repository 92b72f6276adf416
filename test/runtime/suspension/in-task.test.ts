import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { CancelScope, call, hasPortal, info, native } from '../../../dist/runtime/index.js';
import { inTask } from '../../../dist/runtime/modules/lowlevel.js';
import { pause, thrownBy, turn } from '../../support/tools.js';
import { json } from '../child.js';

const boom = new Error('boom');

/** Makes the callback in a task that has ended when this resolves. */
const registered = <F extends (...args: never[]) => unknown>(fn: F): Promise<F> => call(() => inTask(fn));

describe('inTask', () => {
  it('gives the function itself where no context opted in', () => {
    const fn = () => {};
    expect(inTask(fn)).toBe(fn);
  });

  it('gives a function of the same name and length, which passes on as many arguments as it gets', async () => {
    type Counts = (...args: unknown[]) => number;
    const named = (value: unknown, counts: Counts): Counts =>
      Object.defineProperty(counts, 'name', { value });
    const fns: Counts[] = [
      (
        () =>
        (...args) =>
          args.length
      )(),
      (
        () =>
        (_a, ...rest) =>
          1 + rest.length
      )(),
      function none(...args) {
        return args.length;
      },
      function one(_a, ...rest) {
        return 1 + rest.length;
      },
      function two(_a, _b, ...rest) {
        return 2 + rest.length;
      },
      function three(_a, _b, _c, ...rest) {
        return 3 + rest.length;
      },
      named('__proto__', (...args) => args.length),
      named(7, (...args) => args.length),
      Object.defineProperty((...args: unknown[]) => args.length, 'length', { value: 'at' }),
    ];
    for (const fn of fns) {
      const entered = await registered(fn);
      expect([entered.name, entered.length]).toEqual([fn.name, fn.length]);
      expect([entered(1, 2, 3), entered(1, 2, 3, 4)]).toEqual([3, 4]);
    }
  });

  it('gives what is no function as it is', async () => {
    expect(await call(() => inTask(undefined as never))).toBe(undefined);
  });
});

describe('a callback entered in place', () => {
  it('has the same this, arguments and result when it does not suspend', async () => {
    const entered = await registered(function (this: unknown, ...args: unknown[]) {
      return [this, args, hasPortal()];
    });
    const holder = { entered };
    expect(Reflect.apply(holder.entered, holder, [1, 'two'])).toEqual([holder, [1, 'two'], true]);
    expect(Reflect.apply(entered, undefined, [])).toEqual([undefined, [], true]);
  });

  it('throws to its caller when it does not suspend', async () => {
    const entered = await registered(() => {
      throw boom;
    });
    expect(thrownBy(entered)).toBe(boom);
  });

  it('lets its caller go on at once when it suspends, and is resumed later', async () => {
    const order: string[] = [];
    const entered = await registered(() => {
      order.push('begins');
      pause();
      order.push('resumed');
      return 'nobody sees it';
    });
    expect(entered()).toBe(undefined);
    order.push('caller');
    await Promise.resolve();
    order.push('microtask');
    await turn(3);
    expect(order).toEqual(['begins', 'caller', 'microtask', 'resumed']);
  });

  it('runs in the order of the calls, however long the ones before are suspended', async () => {
    const order: string[] = [];
    const entered = await registered((name: string, turns: number) => {
      order.push(name);
      pause(turns);
      order.push(`${name} ends`);
    });
    entered('a', 4);
    entered('b', 2);
    entered('c', 0);
    await turn(8);
    expect(order).toEqual(['a', 'b', 'c', 'c ends', 'b ends', 'a ends']);
  });

  it('called by a task suspends alone: the task goes on', async () => {
    const order: string[] = [];
    const emitter = new EventEmitter();
    await call(() => {
      emitter.on(
        'event',
        inTask(function (this: unknown, name: string) {
          expect(this).toBe(emitter);
          pause(2);
          order.push(`${name} listener ends`);
        }),
      );
      emitter.emit('event', 'first');
      emitter.emit('event', 'second');
      order.push('emitted');
      pause();
      order.push('task ends');
    });
    await turn(4);
    expect(order).toEqual(['emitted', 'task ends', 'first listener ends', 'second listener ends']);
  });

  it('can be nested in each other', async () => {
    const order: string[] = [];
    const entered = await registered((depth: number) => {
      if (depth > 0) entered(depth - 1);
      pause();
      order.push(`depth ${depth}`);
    });
    entered(3);
    order.push('caller');
    await turn(4);
    expect(order).toEqual(['caller', 'depth 0', 'depth 1', 'depth 2', 'depth 3']);
  });

  it('keeps to native() where it was registered there', async () => {
    const entered = await call(() => native(() => inTask(() => hasPortal())));
    expect(entered()).toBe(false);
  });

  it.each<[string, (fn: () => void) => unknown]>([
    ['process.nextTick', (fn) => process.nextTick(fn)],
    ['queueMicrotask', (fn) => queueMicrotask(fn)],
    ['setImmediate', (fn) => setImmediate(fn)],
    ['setTimeout', (fn) => setTimeout(fn)],
    ['Promise.prototype.then', (fn) => Promise.resolve().then(fn)],
  ])('may suspend in %s, many at once', async (_, register) => {
    const ended: number[] = [];
    await call(() => {
      for (let id = 0; id < 50; id++) {
        register(
          inTask(() => {
            pause(1 + (id % 3));
            ended.push(id);
          }),
        );
      }
      while (ended.length < 50) pause();
    });
    expect(ended.filter((id) => id % 3 === 1)).toEqual(
      Array.from({ length: 50 }, (_, id) => id).filter((id) => id % 3 === 1),
    );
    expect(new Set(ended).size).toBe(50);
  });

  it('may suspend each time an interval calls it', async () => {
    let calls = 0;
    await call(() => {
      const interval = setInterval(
        inTask(() => {
          pause();
          calls++;
        }),
      );
      while (calls < 5) pause();
      clearInterval(interval);
    });
    expect(calls).toBeGreaterThanOrEqual(5);
  });

  it('gives its carrier back', async () => {
    const entered = await registered((turns: number) => pause(turns));
    for (let i = 0; i < 100; i++) entered(0);
    entered(1);
    await turn(3);
    const { made } = info().carriers;
    for (let i = 0; i < 100; i++) entered(0);
    expect(info().carriers.made).toBe(made);
    expect(info().counters.enteredNatively).toBe(0);
  });
});

describe('an error of a callback that nobody can catch', () => {
  it('is an uncaught exception, whether it is thrown before or after a suspension', async () => {
    expect(await json(['uncaught.mjs'])).toEqual([
      'nextTick, at once',
      'timer, at once',
      'immediate, at once',
      'nextTick, after a suspension',
      'timer, after a suspension',
      'immediate, after a suspension',
      'undefined, after a suspension',
      'everything goes on',
    ]);
  });
});

it('a callback that is cancelled while it is suspended, or before, ends without an error', async () => {
  const reached: string[] = [];
  const uncaught: unknown[] = [];
  const listener = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtException', listener);
  try {
    await call(() => {
      const scope = new CancelScope();
      scope.run(() => {
        setImmediate(
          inTask(() => {
            reached.push('suspended');
            pause(100);
            reached.push('went on');
          }),
        );
        setTimeout(
          inTask(() => {
            reached.push('began');
            pause();
            reached.push('went on, too');
          }),
          20,
        );
        pause(3);
        scope.cancel();
      });
    });
    await new Promise((resolve) => setTimeout(resolve, 40));
  } finally {
    process.off('uncaughtException', listener);
  }
  expect(uncaught).toEqual([]);
  expect(reached).toContain('suspended');
  expect(reached).not.toContain('went on');
});

import { describe, expect, it } from 'vitest';
import {
  asyncContext,
  asyncIter,
  autoawait,
  await_,
  call,
  hasPortal,
  NoPortalError,
  native,
  wrap,
} from '../../../dist/runtime/index.js';
import { pause, paused, thrownBy } from '../../support/tools.js';

const boom = new Error('boom');

describe('call', () => {
  it('gives what the function returns, after it has suspended', async () => {
    expect(await call((a: number, b: number) => paused(a + b), 1, 2)).toBe(3);
  });

  it('starts the function in a microtask of its own', async () => {
    const order: string[] = [];
    const done = call(() => void order.push('task'));
    order.push('caller');
    await done;
    expect(order).toEqual(['caller', 'task']);
  });

  it('waits for an async function', async () => {
    const value = await call(async (word: string) => {
      await null;
      pause();
      return word;
    }, 'word');
    expect(value).toBe('word');
  });

  it('rejects with what the function throws, before and after it has suspended', async () => {
    const fail = (turns: number) => {
      pause(turns);
      throw boom;
    };
    await expect(call(fail, 0)).rejects.toBe(boom);
    await expect(call(fail, 1)).rejects.toBe(boom);
    await expect(call(async () => fail(1))).rejects.toBe(boom);
  });

  it.each([[undefined], [null], ['text'], [0]])('rejects with %j as it was thrown', async (thrown) => {
    const settled = await call(() => {
      pause();
      throw thrown;
    }).then(
      () => 'fulfilled',
      (reason: unknown) => [reason],
    );
    expect(settled).toEqual([thrown]);
  });

  it('can be nested', async () => {
    const value = await call(() => {
      pause();
      const inner = await_(call((word: string) => paused(`${word} inner`), 'outer'));
      pause();
      return `${inner} outer`;
    });
    expect(value).toBe('outer inner outer');
  });
});

describe('wrap', () => {
  it('passes this and the arguments, and keeps the name', async () => {
    const counter = {
      start: 40,
      add: wrap(function add(this: { start: number }, a: number, b: number) {
        pause();
        return this.start + a + b;
      }),
    };
    expect(counter.add.name).toBe('add');
    expect(await counter.add(1, 1)).toBe(42);
  });

  it('makes errors rejections', async () => {
    const failing = wrap(() => {
      throw boom;
    });
    await expect(failing()).rejects.toBe(boom);
  });

  it('takes an async function too', async () => {
    expect(await wrap(async (word: string) => paused(word))('word')).toBe('word');
  });
});

describe('await_', () => {
  it('gives the value of a promise that is settled already, or later', async () => {
    const values = await call(() => {
      let resolve = (_: string): void => {};
      const later = new Promise<string>((resolveLater) => {
        resolve = resolveLater;
      });
      setImmediate(() => resolve('later'));
      return [await_(Promise.resolve('at once')), await_(later)];
    });
    expect(values).toEqual(['at once', 'later']);
  });

  it('of a fulfilled promise lets the microtasks run that were queued before', async () => {
    const order: string[] = [];
    await call(() => {
      void Promise.resolve().then(() => order.push('microtask'));
      order.push(await_(Promise.resolve('task')));
    });
    expect(order).toEqual(['microtask', 'task']);
  });

  it('throws what the promise rejects with, an Error or not', async () => {
    const thrown = await call(() => [
      thrownBy(() => await_(Promise.reject(boom))),
      thrownBy(() => await_(Promise.reject('text'))),
      thrownBy(() => await_(Promise.reject(undefined))),
    ]);
    expect(thrown).toEqual([boom, 'text', undefined]);
  });

  it('waits for any thenable, and for what a thenable is resolved with', async () => {
    const thenable = (value: unknown) => ({
      // biome-ignore lint/suspicious/noThenProperty: the subject
      then: (resolve: (value: unknown) => void) => setImmediate(() => resolve(value)),
    });
    const callable = Object.assign(() => 'not called', thenable('callable'));
    const values = await call(() => [await_(thenable(1)), await_(thenable(thenable(2))), await_(callable)]);
    expect(values).toEqual([1, 2, 'callable']);
  });

  it('throws what a thenable throws, unless it has resolved before', async () => {
    const throwing = (before: (resolve: (value: unknown) => void) => void) => ({
      // biome-ignore lint/suspicious/noThenProperty: the subject
      then(resolve: (value: unknown) => void) {
        before(resolve);
        throw boom;
      },
    });
    expect(await call(() => thrownBy(() => await_(throwing(() => {}))))).toBe(boom);
    expect(await call(() => await_(throwing((resolve) => resolve('first'))))).toBe('first');
  });

  // biome-ignore lint/suspicious/noThenProperty: the subject
  const plain = [42, 'text', null, undefined, true, { then: 'no function' }];
  it.each(plain)('returns %j as it is, inside of a task and outside', async (value) => {
    expect(await_(value)).toBe(value);
    expect(await call(() => await_(value))).toBe(value);
  });

  it('returns a function as it is', () => {
    const fn = () => 1;
    expect(await_(fn)).toBe(fn);
  });

  it('outside of a task throws an error that says what to do', () => {
    const error = thrownBy(() => await_(Promise.resolve(1))) as NoPortalError;
    expect(error).toBeInstanceOf(NoPortalError);
    expect(error).toMatchObject({ name: 'NoPortalError', code: 'AEVENT_NO_PORTAL' });
    expect(Reflect.get(error, Symbol.for('aevent.error.AEVENT_NO_PORTAL'))).toBe(true);
    expect(error.message).toBe(
      'await_ was called where nothing can be suspended (this code belongs to no task). ' +
        'Start the work with aevent.call() or aevent.run(), or `await aevent.perTask()` first.',
    );
  });

  it('in a plain callback of a task says that it is one', async () => {
    const error = await call(
      () => new Promise((resolve) => setTimeout(() => resolve(thrownBy(() => await_(Promise.resolve()))))),
    );
    expect(error).toBeInstanceOf(NoPortalError);
    expect((error as Error).message).toMatch(
      /\((plain event-loop callback|this code belongs to no task)\)\. Start the work/,
    );
  });

  it('inside native() says to leave it', async () => {
    const error = await call(() => native(() => thrownBy(() => await_(Promise.resolve(1)))));
    expect(error).toBeInstanceOf(NoPortalError);
    expect((error as Error).message).toMatch(/\(native\(\) is in force\)\. Leave aevent\.native\(\)/);
  });
});

describe('hasPortal', () => {
  it('tells whether something can be suspended here', async () => {
    expect(hasPortal()).toBe(false);
    expect(await call(() => hasPortal())).toBe(true);
    expect(await call(() => native(() => hasPortal()))).toBe(false);
    expect(hasPortal()).toBe(false);
  });

  it('is false in the plain callbacks of a task, and true in its promise callbacks', async () => {
    const seen = await call(async () => [
      await new Promise((resolve) => setImmediate(() => resolve(hasPortal()))),
      await Promise.resolve().then(() => hasPortal()),
      hasPortal(),
    ]);
    expect(seen).toEqual([false, true, true]);
  });
});

describe('autoawait', () => {
  it('makes an async function synchronous: this, arguments, result, name', async () => {
    const shop = {
      price: 20,
      total: autoawait(async function total(this: { price: number }, count: number) {
        await null;
        return this.price * count;
      }),
    };
    expect(shop.total.name).toBe('total');
    expect(await call(() => shop.total(2) + 2)).toBe(42);
  });

  it('throws what the function rejects with, or throws', async () => {
    const rejecting = autoawait(() => Promise.reject(boom));
    const throwing = autoawait((): Promise<void> => {
      throw boom;
    });
    expect(await call(() => [thrownBy(rejecting), thrownBy(throwing)])).toEqual([boom, boom]);
  });
});

describe('asyncContext', () => {
  class Resource implements AsyncDisposable {
    readonly log: string[] = [];
    async [Symbol.asyncDispose]() {
      this.log.push('closing');
      await null;
      this.log.push('closed');
    }
  }

  it.each([
    ['a resource', (resource: Resource) => resource],
    ['a promise of one', (resource: Resource) => Promise.resolve(resource)],
  ])('disposes of %s before it goes on', async (_, given) => {
    const resource = new Resource();
    const log = await call(() => {
      const context = asyncContext(given(resource));
      expect(context.value).toBe(resource);
      context[Symbol.dispose]();
      return [...resource.log];
    });
    expect(log).toEqual(['closing', 'closed']);
  });

  it('throws what disposing rejects with', async () => {
    const resource = { [Symbol.asyncDispose]: () => Promise.reject(boom) };
    expect(await call(() => thrownBy(() => asyncContext(resource)[Symbol.dispose]()))).toBe(boom);
  });
});

describe('asyncIter', () => {
  async function* numbers(log: string[] = []) {
    try {
      for (let n = 1; n <= 3; n++) {
        await null;
        yield n;
      }
    } finally {
      await null;
      log.push('closed');
    }
  }

  it('runs a synchronous loop over an async iterable', async () => {
    expect(await call(() => [...asyncIter(numbers())])).toEqual([1, 2, 3]);
  });

  it('runs over a sync iterable of promises', async () => {
    expect(await call(() => [...asyncIter([Promise.resolve('a'), 'b'])])).toEqual(['a', 'b']);
  });

  it('closes the iterator when the loop is left early', async () => {
    const log: string[] = [];
    await call(() => {
      for (const n of asyncIter(numbers(log))) {
        log.push(`saw ${n}`);
        if (n === 2) break;
      }
      log.push('after');
    });
    expect(log).toEqual(['saw 1', 'saw 2', 'closed', 'after']);
  });

  it('closes the iterator when the body of the loop throws', async () => {
    const log: string[] = [];
    const loop = () => {
      for (const n of asyncIter(numbers(log))) throw new Error(`at ${n}`);
    };
    await expect(call(loop)).rejects.toThrow('at 1');
    expect(log).toEqual(['closed']);
  });

  it('throws what a step rejects with, and does not close what has failed', async () => {
    let closed = 0;
    const failing = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(boom),
        return: () => Promise.resolve({ done: true as const, value: closed++ }),
      }),
    };
    expect(await call(() => thrownBy(() => [...asyncIter(failing)]))).toBe(boom);
    expect(closed).toBe(0);
  });

  it('does not close an iterator that is done', async () => {
    const log: string[] = [];
    let steps = 0;
    const counted = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: ++steps > 1, value: steps }),
        return: () => Promise.resolve({ done: true as const, value: log.push('closed') }),
      }),
    };
    expect(await call(() => [...asyncIter(counted)])).toEqual([1]);
    expect(log).toEqual([]);
  });

  it.each([[undefined], [null], [42], [{}]])('refuses %j', async (given) => {
    const iterate = () => [...asyncIter(given as never)];
    expect(await call(() => thrownBy(iterate))).toBeInstanceOf(TypeError);
  });
});

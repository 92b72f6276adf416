// Values that cannot be converted, compared or read, wherever a program can bring them in.
import { expect, describe as group, it } from 'vitest';
import {
  AeventError,
  Cancelled,
  CancelScope,
  call,
  checkpoint,
  createTaskGroup,
  info,
  run,
  TaskGroup,
  taskGroup,
} from '../../../dist/runtime/index.js';
import { PriorityQueue } from '../../../dist/runtime/modules/queue/index.js';
import { Event, excepthook, setExcepthook, Thread } from '../../../dist/runtime/modules/threading/index.js';

const refuse = (): never => {
  throw new Error('asked');
};
const traps = Object.fromEntries(
  Reflect.ownKeys(Object.getOwnPropertyDescriptors(Reflect)).map((key) => [key, refuse]),
);

const values: Record<string, () => unknown> = {
  'an object without prototype': () => Object.assign(Object.create(null), { status: 404 }),
  'an object whose toString throws': () => ({
    toString: refuse,
    valueOf: refuse,
    [Symbol.toPrimitive]: refuse,
  }),
  'an error whose getters throw': () => {
    const error = new Error('x');
    // The stack first: to define it has V8 format it.
    for (const name of ['stack', 'message', 'name', 'code', 'cause', 'errors'])
      Object.defineProperty(error, name, { get: refuse });
    return error;
  },
  'an AggregateError whose errors throw': () =>
    Object.defineProperty(new AggregateError([]), 'errors', { get: refuse }),
  'an AggregateError that holds itself': () => {
    const error = new AggregateError([new Error('inner')]);
    error.errors.push(error);
    error.errors.shift();
    return error;
  },
  'a proxy whose traps throw': () => new Proxy({}, traps),
  'a proxy of an error': () => new Proxy(new Error('x'), traps),
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  'an object whose prototype is a proxy': () => Object.create(new Proxy({}, traps)),
  'an error whose message is a symbol': () => Object.assign(new Error(), { message: Symbol('x') }),
  'an object that cannot be inspected': () => ({ [Symbol.for('nodejs.util.inspect.custom')]: refuse }),
  'a symbol': () => Symbol('x'),
  undefined: () => undefined,
};

/** Boxed, since a promise asks what it is resolved with for a method `then`. */
async function thrownBy(promise: Promise<unknown>): Promise<{ error: unknown }> {
  return promise.then(
    () => expect.unreachable(),
    (error: unknown) => ({ error }),
  );
}

const same = (found: unknown, value: unknown): void => expect(Object.is(found, value)).toBe(true);

group.each(Object.entries(values))('%s', (_, make) => {
  it('is what a task rejects with', async () => {
    const value = make();
    const { error } = await thrownBy(
      call(() => {
        throw value;
      }),
    );
    same(error, value);
  });

  it('ends its task group, and is the one error of it', async () => {
    const value = make();
    let others = 0;
    const { error } = await thrownBy(
      call(() =>
        taskGroup((tasks) => {
          tasks.spawn(() => {
            checkpoint();
            throw value;
          });
          try {
            new Event().wait();
          } finally {
            others++;
          }
        }),
      ),
    );
    expect(error).toBeInstanceOf(AggregateError);
    same((error as AggregateError).errors[0], value);
    expect((error as AggregateError).errors.length).toBe(1);
    expect(typeof (error as AggregateError).message).toBe('string');
    expect(others).toBe(1);
  });

  it('may be thrown by the body of a group, of run() and of async groups', async () => {
    const value = make();
    const fail = (): never => {
      throw value;
    };
    const ways = [
      call(() => taskGroup(fail)),
      run(fail),
      taskGroup(async () => fail()),
      call(() => new CancelScope().run(fail)),
    ];
    for (const way of ways) same((await thrownBy(way)).error, value);
  });

  it('cancels as a reason', async () => {
    const value = make();
    let cancelled: unknown;
    await call(() => {
      const scope = new CancelScope();
      scope.cancel(value);
      scope.run(() => {
        try {
          checkpoint();
        } catch (error) {
          cancelled = error;
          throw error;
        }
      });
      expect(scope.cancelledCaught).toBe(true);
    });
    expect(cancelled).toBeInstanceOf(Cancelled);
    same((cancelled as Cancelled).cause, value);
  });

  it('cancels as the reason of a signal', async () => {
    const value = make();
    const controller = new AbortController();
    const waiting = call(() => {
      const scope = new CancelScope({ signal: controller.signal });
      scope.run(() => new Event().wait());
      return scope.cancelledCaught;
    });
    await call(checkpoint);
    // An undefined reason becomes an AbortError.
    controller.abort(value);
    expect(await waiting).toBe(true);
  });

  it('is the error of a task handle and of a thread', async () => {
    const value = make();
    await run(() => {
      const tasks = new TaskGroup();
      const handle = tasks.startSoon(() => {
        throw value;
      });
      try {
        handle.wait();
        expect.unreachable();
      } catch (error) {
        same(error, value);
      }
    });
    let heard: unknown = 'nothing';
    setExcepthook(({ error }) => {
      heard = error;
    });
    await run(() => {
      const thread = new Thread({
        target: () => {
          throw value;
        },
      });
      thread.start();
      thread.join();
    });
    setExcepthook(excepthook);
    same(heard, value);
  });

  it('is printed by the excepthook', () => {
    const { write } = process.stderr;
    let text = '';
    process.stderr.write = ((chunk: string) => {
      text += chunk;
      return true;
    }) as typeof write;
    try {
      excepthook({ error: make(), thread: new Thread({ name: 'x' }) });
    } finally {
      process.stderr.write = write;
    }
    expect(text).toMatch(/^Exception in thread x:\n./);
  });

  it('is refused as an argument by a TypeError with a code', () => {
    const value = make() as never;
    const calls = [
      () => new TaskGroup().spawn(value),
      () => taskGroup(value),
      () => new Thread({ name: value === undefined ? (3 as never) : value }),
      () => new CancelScope({ deadline: value === undefined ? ('x' as never) : value }),
      () => new CancelScope({ signal: value === undefined ? (3 as never) : value }),
    ];
    for (const fn of calls) {
      let error: unknown;
      try {
        fn();
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(TypeError);
      expect((error as { code: string }).code).toMatch(/^AEVENT_/);
    }
  });
});

group('a function', () => {
  const names: unknown[] = [Symbol('x'), Object.create(null), 3, ''];

  it.each(names)('with a name that is none is a task as any other', async (name) => {
    const fn = Object.defineProperty(() => 'done', 'name', { value: name });
    expect(await call(fn)).toBe('done');
    expect(await run(fn)).toBe('done');
    await call(() => {
      using tasks = createTaskGroup();
      expect(tasks.startSoon(fn).wait()).toBe('done');
    });
  });
});

it('a thenable that settles twice, or throws after it has, ends its task once', async () => {
  // biome-ignore lint/suspicious/noThenProperty: it is what is tested
  const twice = { then: (resolve: (value: unknown) => void) => [resolve(1), resolve(2), refuse()] };
  expect(await call(() => twice as unknown)).toBe(1);
  await run(() => taskGroup((tasks) => void tasks.spawn(() => twice)));
  expect(info().tasks.live).toBe(0);
});

it('a body that returns what has a getter `then` that throws leaves its group', async () => {
  const value = Object.defineProperty({}, 'then', { get: refuse });
  const asked = { error: new Error('asked') };
  expect(await thrownBy(call(() => taskGroup(() => value as unknown)))).toEqual(asked);
  expect(await thrownBy(call(() => new CancelScope().run(() => value as unknown)))).toEqual(asked);
  expect(await thrownBy(call(() => value))).toEqual(asked);
  expect(info().tasks).toEqual({ live: 0, parked: 0 });
});

it('items without a value are not comparable', () => {
  const queue = new PriorityQueue<unknown>();
  queue.putNowait(Object.create(null));
  expect(() => queue.putNowait(new Proxy({}, {}))).toThrow(TypeError);
  expect(new AeventError('X', 'y').code).toBe('X');
});

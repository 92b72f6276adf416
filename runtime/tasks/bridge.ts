// Between async and sync: into a task, and out of it again for what only a promise can give.
import { startBackend } from '../backend/backend.js';
import { describe } from '../base/describe.js';
import { invalidArgument, requireFunction } from '../base/errors.js';
import { isThenable } from '../base/thenable.js';
import { CancelScope, currentScope } from '../cancellation/cancel-scope.js';
import { requireStack } from '../suspension/stack-room.js';
import { awaitPromise } from '../suspension/suspension.js';
import { named, Task } from './task.js';

/**
 * Runs synchronous code as a task: `fn(...args)` may call whatever blocks, and suspends instead.
 * @returns what `fn` returns or throws
 * @see greenback `with_portal_run_sync`
 */
export function call<A extends unknown[], T>(fn: (...args: A) => T | PromiseLike<T>, ...args: A): Promise<T> {
  // Not an async function: one promise less for each call.
  requireStack();
  try {
    requireFunction('call()', fn);
    startBackend();
  } catch (error) {
    return Promise.reject(error);
  }
  return Task.start(CancelScope.within(currentScope()), 'patched', fn, args);
}

/** Makes an async function of a synchronous one: each call runs it as {@link call} does, with the caller's `this`. */
export function wrap<This, A extends unknown[], T>(
  fn: (this: This, ...args: A) => T | PromiseLike<T>,
): (this: This, ...args: A) => Promise<T> {
  requireFunction('wrap()', fn);
  const wrapped = function (this: This, ...args: A): Promise<T> {
    const body = (...given: A): T | PromiseLike<T> => Reflect.apply(fn, this, given);
    return call(named(body, fn), ...args);
  };
  return named(wrapped, fn);
}

/**
 * Waits for a promise (or any thenable) in synchronous code. A checkpoint. Anything else is returned as it is.
 * @throws {@link NoPortalError} where nothing can be suspended; {@link Cancelled}; what the promise rejects with
 * @see greenback `await_`
 */
export function await_<T>(awaitable: T): Awaited<T> {
  return (isThenable(awaitable) ? awaitPromise(awaitable, 'await_') : awaitable) as Awaited<T>;
}

/**
 * Makes a synchronous function of an async one: each call is a checkpoint and gives the promise's value.
 * @see greenback `autoawait`
 */
export function autoawait<This, A extends unknown[], T>(
  fn: (this: This, ...args: A) => T,
): (this: This, ...args: A) => Awaited<T> {
  requireFunction('autoawait()', fn);
  const awaiting = function (this: This, ...args: A): Awaited<T> {
    return await_(Reflect.apply(fn, this, args) as T);
  };
  return named(awaiting, fn);
}

/** An async resource under `using` in synchronous code. */
export interface SyncContext<T> extends Disposable {
  /** The resource itself. */
  readonly value: T;
}

/**
 * Lets synchronous code own an async resource: `using file = asyncContext(await_(open(path)))`. A promise of a
 * resource is waited for. Disposing is a checkpoint.
 * @see greenback `async_context`
 */
export function asyncContext<T extends AsyncDisposable>(resource: T | PromiseLike<T>): SyncContext<T> {
  const value = await_(resource) as T;
  if (typeof value?.[Symbol.asyncDispose] !== 'function') {
    throw invalidArgument(
      'AEVENT_INVALID_ARGUMENT',
      `asyncContext() takes what has a [Symbol.asyncDispose]() method, or a promise of it, not ${describe(value)}.`,
    );
  }
  return {
    value,
    [Symbol.dispose](): void {
      await_(value[Symbol.asyncDispose]());
    },
  };
}

/**
 * Lets a synchronous `for … of` run over an async iterable (or a sync one of promises). Each step is a checkpoint;
 * leaving the loop early closes the iterator. Of a stream in object mode: `asyncIter<Row>(stream)`.
 * @throws TypeError if it is given no iterable; what the iterable throws
 * @throws {@link NoPortalError} at the first step, where nothing can be suspended
 * @see greenback `async_iter`
 */
export function asyncIter(stream: NodeJS.ReadableStream): Generator<Buffer | string, void, undefined>;
export function asyncIter<T>(
  iterable: AsyncIterable<T> | Iterable<T>,
): Generator<Awaited<T>, void, undefined>;
export function* asyncIter<T>(
  iterable: AsyncIterable<T> | Iterable<T>,
): Generator<Awaited<T>, void, undefined> {
  const iterator = iteratorOf(iterable);
  let open = true;
  try {
    for (;;) {
      const step = await_(iterator.next()) as IteratorResult<T>;
      if (step.done === true) {
        open = false;
        return;
      }
      yield await_(step.value);
    }
  } catch (error) {
    open = false;
    throw error;
  } finally {
    if (open) await_(iterator.return?.());
  }
}

function iteratorOf<T>(iterable: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> | Iterator<T> {
  if (iterable !== null && iterable !== undefined) {
    if (Symbol.asyncIterator in Object(iterable))
      return (iterable as AsyncIterable<T>)[Symbol.asyncIterator]();
    if (Symbol.iterator in Object(iterable)) return (iterable as Iterable<T>)[Symbol.iterator]();
  }
  throw invalidArgument(
    'AEVENT_INVALID_ARGUMENT',
    `asyncIter() takes an iterable, not ${describe(iterable)}.`,
  );
}

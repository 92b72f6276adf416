// node-fibers' `Future`, as the README of fibers 5.0.3 documents it. In a task of aevent's, `wait()` needs no fiber.
import { globals } from '../../../runtime/base/builtins.js';
import { describe } from '../../../runtime/base/describe.js';
import { hasPortal } from '../../../runtime/suspension/portal.js';
import { suspend } from '../../../runtime/suspension/suspension.js';
import { Fiber } from './fiber.js';
import { linkStacks } from './link-stacks.js';
import { wrapInFutures } from './wrap.js';

type Callback = (error?: unknown, value?: unknown) => void;
type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** A value that comes later. */
export interface Future {
  value?: unknown;
  error?: unknown;
  resolved?: boolean;
  /** The value, or throws the error. Throws if there is neither yet. */
  get(): unknown;
  /** Resolves with a value; callbacks run at once. */
  return(value?: unknown): void;
  /** Resolves with an error, which must be truthy; callbacks run at once. */
  throw(error: unknown): void;
  /** Has an error thrown where it ends the process, as no code will ask for it. */
  detach(): void;
  isResolved(): boolean;
  /** A callback that resolves this future. */
  resolver(): Callback;
  /** Calls back when it is resolved: `resolve(callback)`, or `resolve(futureForTheError, callbackForTheValue)`. */
  resolve(callbackOrFuture: Callback | Future, onValue?: (value: unknown) => void): this;
  /** Calls back with the value only. */
  resolveSuccess(onValue: (value: unknown) => void): this;
  /** Has another future resolve as this one does. */
  proxy(future: Future): void;
  /** Has one or more other futures fail as this one does. */
  proxyErrors(futures: Future | Future[]): this;
  promise(): Promise<unknown>;
  /** Waits; then gives what {@link get} gives. A checkpoint. */
  wait(): unknown;
}

/** The `fibers/future` module. */
export interface FutureConstructor {
  new (): Future;
  (): void;
  readonly prototype: Future;
  /** Runs a function in a fiber of its own; of several, the future has all values. */
  task(...fns: AnyFunction[]): Future;
  /** Makes functions that take a callback last return futures. */
  wrap(fnOrObject: unknown, multi?: boolean, suffix?: string): unknown;
  /** Waits for all, and throws none of their errors. A checkpoint. */
  wait(...futures: (Future | Future[])[]): void;
  fromPromise(promise: PromiseLike<unknown>): Future;
}

declare global {
  interface Function {
    /** Makes a function that runs this one in a fiber of its own and returns a future. */
    future(detach?: boolean): (...args: unknown[]) => Future;
  }
}

const waiting = new WeakMap<Future, [Callback | Future, ((value: unknown) => void) | undefined][]>();
/** Futures of functions that have not begun. */
const notBegun = new WeakMap<Future, () => void>();

function FutureFunction(): void {}

/** The drop-in for `require('fibers/future')`. */
export const Future: FutureConstructor = FutureFunction as unknown as FutureConstructor;
Object.defineProperty(FutureFunction, 'name', { value: 'Future', configurable: true });

function answer(
  future: Future,
  first: Callback | Future,
  onValue: ((value: unknown) => void) | undefined,
): void {
  if (onValue === undefined) (first as Callback)(future.error, future.value);
  else if (future.error) (first as Future).throw(future.error);
  else onValue(future.value);
}

function settle(future: Future, outcome: { value: unknown } | { error: unknown }): void {
  if (future.resolved) throw new Error('Future resolved more than once');
  Object.assign(future, outcome, { resolved: true });
  const callbacks = waiting.get(future) ?? [];
  waiting.delete(future);
  for (const [first, onValue] of callbacks) {
    try {
      answer(future, first, onValue);
    } catch (error) {
      // The others are to be called all the same.
      globals.nextTick(() => {
        throw error;
      });
    }
  }
}

function runInFiber(fn: AnyFunction, self: unknown, args: unknown[]): Future {
  const future = new Future();
  const begin = (): void => {
    notBegun.delete(future);
    let value: unknown;
    try {
      value = Reflect.apply(fn, self, args);
    } catch (error) {
      future.throw(error);
      return;
    }
    future.return(value);
  };
  notBegun.set(future, begin);
  globals.nextTick(() => {
    if (notBegun.has(future)) Fiber(begin).run();
  });
  return future;
}

/** Those still to be waited for; throws for what is no future. */
function unresolved(given: readonly unknown[]): Future[] {
  const found: Future[] = [];
  for (const future of given.flatMap((item) => (Array.isArray(item) ? (item as unknown[]) : [item]))) {
    if (!(future instanceof FutureFunction)) throw new Error(`${describe(future)} is not a future`);
    if (!(future as unknown as Future).isResolved()) found.push(future as unknown as Future);
  }
  return found;
}

function whenAllResolved(futures: readonly Future[], done: () => void): void {
  let pending = futures.length;
  for (const future of futures) {
    future.resolve(() => {
      pending--;
      if (pending === 0) done();
    });
  }
}

Object.assign(FutureFunction, {
  task(...fns: AnyFunction[]): Future {
    const [only] = fns;
    if (fns.length === 1 && only !== undefined) return only.future()();
    const future = new Future();
    const values: unknown[] = new Array(fns.length);
    let pending = fns.length;
    let failed: unknown;
    for (const [i, fn] of fns.entries()) {
      fn.future()().resolve((error, value) => {
        if (error) failed = error;
        values[i] = value;
        pending--;
        if (pending > 0) return;
        if (failed) future.throw(failed);
        else future.return(values);
      });
    }
    return future;
  },

  wrap(fnOrObject: unknown, multi?: boolean, suffix?: string): unknown {
    return wrapInFutures(() => new Future(), fnOrObject, { multi, suffix });
  },

  wait(...given: unknown[]): void {
    const futures = unresolved(given);
    const fiber = Fiber.current;
    if (fiber === undefined && !hasPortal()) throw new Error("Can't wait without a fiber");
    // One that has not begun needs no fiber of its own: this one has nothing else to do.
    const own = futures.find((future) => notBegun.has(future));
    if (fiber === undefined) {
      notBegun.get(own as Future)?.();
      const left = futures.filter((future) => !future.isResolved());
      if (left.length === 0) return;
      suspend<void>('Future.wait', (wait) => {
        whenAllResolved(left, () => wait.resolve());
        return undefined;
      });
      return;
    }
    let pending = futures.length > (own === undefined ? 0 : 1);
    let yielding = false;
    whenAllResolved(
      futures.filter((future) => future !== own),
      () => {
        pending = false;
        if (yielding) fiber.run();
      },
    );
    notBegun.get(own as Future)?.();
    if (!pending) return;
    yielding = true;
    Fiber.yield();
  },

  fromPromise(promise: PromiseLike<unknown>): Future {
    const future = new Future();
    promise.then(
      (value) => future.return(value),
      (error: unknown) => future.throw(error),
    );
    return future;
  },
});

const methods: ThisType<Future> & Record<string, unknown> = {
  get(): unknown {
    if (!this.resolved) throw new Error('Future must resolve before value is ready');
    if (!this.error) return this.value;
    linkStacks(this.error, methods.get as AnyFunction);
    throw this.error;
  },
  return(value?: unknown): void {
    settle(this, { value });
  },
  throw(error: unknown): void {
    if (!this.resolved && !error) throw new Error('Must throw non-empty error');
    settle(this, { error });
  },
  detach(): void {
    this.resolve((error) => {
      if (error) throw error;
    });
  },
  isResolved(): boolean {
    return this.resolved === true;
  },
  resolver(): Callback {
    return (error, value) => {
      if (error) this.throw(error);
      else this.return(value);
    };
  },
  resolve(first: Callback | Future, onValue?: (value: unknown) => void): Future {
    if (this.resolved) {
      answer(this, first, onValue);
    } else {
      const callbacks = waiting.get(this) ?? [];
      callbacks.push([first, onValue]);
      waiting.set(this, callbacks);
    }
    return this;
  },
  resolveSuccess(onValue: (value: unknown) => void): Future {
    return this.resolve((error, value) => {
      if (!error) onValue(value);
    });
  },
  proxy(future: Future): void {
    this.resolve(future.resolver());
  },
  proxyErrors(futures: Future | Future[]): Future {
    return this.resolve((error) => {
      if (!error) return;
      for (const future of Array.isArray(futures) ? futures : [futures]) future.throw(error);
    });
  },
  promise(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.resolve((error, value) => {
        if (error) reject(error);
        else resolve(value);
      });
    });
  },
  wait(): unknown {
    if (!this.isResolved()) Future.wait(this);
    return this.get();
  },
};
Object.assign(FutureFunction.prototype as object, methods);

/** Gives a function as text. Its `toString()` may be the program's, and may throw. */
function sourceOf(fn: unknown): string {
  try {
    return `${fn}`;
  } catch {
    return describe(fn);
  }
}

Object.defineProperty(Function.prototype, 'future', {
  value: function future(this: AnyFunction, detach?: boolean): (...args: unknown[]) => Future {
    const fn = this;
    const inFiber = function (this: unknown, ...args: unknown[]): Future {
      const result = runInFiber(fn, this, args);
      if (detach) result.detach();
      return result;
    };
    inFiber.toString = () => `<<Future ${sourceOf(fn)}.future()>>`;
    return inFiber;
  },
  writable: true,
  configurable: true,
});

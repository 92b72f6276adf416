// Work that Node has a callback form for, done in libuv's thread pool while the task waits.

import type { AnyFunction } from '../../runtime/base/disguise.js';
import { poolState } from '../../runtime/base/pool-state.js';
import { suspendBlocking } from '../../runtime/io/stream-descriptors.js';
import { policyOf } from '../../runtime/patching/cheap-calls.js';
import { suspending } from './define-module.js';

/** The callback of Node's callback forms. */
export type Done<T> = (error: Error | null | undefined, value?: T) => void;

/** How {@link inPool} treats a call that was cancelled. */
export interface Abandoned<T> {
  /** Called at once: makes a call that may never end do so. */
  readonly interrupt?: () => void;
  /** Called if the call ends well after all: gives back what it got. */
  readonly release?: (value: T) => void;
}

/**
 * Suspends while one of Node's callback forms works in libuv's thread pool. Arguments that it rejects throw here.
 * Cancelled, the work goes on; what it gives is dropped.
 * @param what - the function as the task dump shows it
 * @param start - calls the callback form
 * @param about - what it works on, for those who look at tasks: a path or a {@link FileOf}
 */
export function inPool<T>(
  what: string,
  start: (done: Done<T>) => void,
  abandoned: Abandoned<T> = {},
  about?: unknown,
): T {
  return suspendBlocking<T>(
    what,
    (wait) => {
      let cancelled = false;
      start((error, value) => {
        poolState.calls--;
        if (!cancelled) {
          if (error) wait.reject(error);
          else wait.resolve(value as T);
        } else if (!error) abandoned.release?.(value as T);
      });
      poolState.calls++;
      return () => {
        cancelled = true;
        abandoned.interrupt?.();
      };
    },
    about,
  );
}

/**
 * A function that suspends with `replacement` unless the program asked for `module` to be left alone
 * (`setup({ policy: { crypto: 'never' } })`).
 */
export function unlessLeftAlone<F extends AnyFunction>(module: string, original: F, replacement: F): F {
  const chosen = function (this: unknown, ...args: never[]): unknown {
    return Reflect.apply(policyOf(module) === 'never' ? original : replacement, this, args);
  };
  return suspending(module, original, chosen as unknown as F);
}

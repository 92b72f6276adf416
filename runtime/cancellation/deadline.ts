// Work with a deadline. Times are milliseconds of the clock in force, see currentTime().

import { now } from '../base/clock.js';
import { describe } from '../base/describe.js';
import { invalidArgument, requireFunction, TooSlowError } from '../base/errors.js';
import { isThenable } from '../base/thenable.js';
import { CancelScope, currentScope } from './cancel-scope.js';

/** Options of {@link moveOnAfter} and its kin. */
export interface DeadlineOptions {
  /** Keeps the cancellation of the scopes around it out. Default: false. */
  shield?: boolean;
}

/** Work with a deadline: it gets its scope, whose deadline can be moved. */
export type Limited<T> = (scope: CancelScope) => T;

/**
 * Milliseconds since some fixed moment, by the clock that deadlines go by. Not a checkpoint.
 * @see trio `current_time`
 */
export function currentTime(): number {
  return now();
}

/**
 * Runs `fn(scope)`, synchronous or async, and cancels what it waits for once `delayMs` have passed.
 * @param delayMs - milliseconds, >= 0; Infinity sets no limit
 * @returns what `fn` gives; undefined if the time was up first
 * @throws TypeError `AEVENT_INVALID_OPTIONS` for any other delay
 * @see trio `move_on_after`; {@link CancelScope.run} for what can be interrupted
 */
export function moveOnAfter<T>(
  delayMs: number,
  fn: Limited<PromiseLike<T>>,
  options?: DeadlineOptions,
): Promise<T | undefined>;
export function moveOnAfter<T>(delayMs: number, fn: Limited<T>, options?: DeadlineOptions): T | undefined;
export function moveOnAfter<T>(delayMs: number, fn: Limited<T>, options?: DeadlineOptions): unknown {
  requireFunction('moveOnAfter()', fn);
  return moveOnAt(after(delayMs, 'moveOnAfter'), fn, options);
}

/**
 * As {@link moveOnAfter}, until a moment of {@link currentTime}.
 * @see trio `move_on_at`
 */
export function moveOnAt<T>(
  deadline: number,
  fn: Limited<PromiseLike<T>>,
  options?: DeadlineOptions,
): Promise<T | undefined>;
export function moveOnAt<T>(deadline: number, fn: Limited<T>, options?: DeadlineOptions): T | undefined;
export function moveOnAt<T>(deadline: number, fn: Limited<T>, options?: DeadlineOptions): unknown {
  requireFunction('moveOnAt()', fn);
  return new CancelScope({ ...options, deadline }).run<T>(fn);
}

/**
 * As {@link moveOnAfter}, but running out of time is an error.
 * @throws {@link TooSlowError} `AEVENT_TOO_SLOW` if the time was up first
 * @see trio and anyio `fail_after`
 */
export function failAfter<T>(
  delayMs: number,
  fn: Limited<PromiseLike<T>>,
  options?: DeadlineOptions,
): Promise<T>;
export function failAfter<T>(delayMs: number, fn: Limited<T>, options?: DeadlineOptions): T;
export function failAfter<T>(delayMs: number, fn: Limited<T>, options?: DeadlineOptions): unknown {
  requireFunction('failAfter()', fn);
  return failAt(after(delayMs, 'failAfter'), fn, options);
}

/**
 * As {@link failAfter}, until a moment of {@link currentTime}.
 * @see trio `fail_at`
 */
export function failAt<T>(
  deadline: number,
  fn: Limited<PromiseLike<T>>,
  options?: DeadlineOptions,
): Promise<T>;
export function failAt<T>(deadline: number, fn: Limited<T>, options?: DeadlineOptions): T;
export function failAt<T>(deadline: number, fn: Limited<T>, options?: DeadlineOptions): unknown {
  requireFunction('failAt()', fn);
  const begun = now();
  const scope = new CancelScope({ ...options, deadline });
  const checked = <V>(value: V): V => {
    // A scope that was cancelled by hand does not tell that the work was slow.
    if (scope.cancelledCaught && scope.expired) throw new TooSlowError(scope.deadline - begun);
    return value;
  };
  const value = scope.run<T>(fn);
  return isThenable(value) ? value.then(checked) : checked(value);
}

/**
 * When the running code will be cancelled, by {@link currentTime}: the earliest deadline of the scopes around it, up
 * to a shield; -Infinity if that has come already, Infinity if there is none. Not a checkpoint.
 * @see trio `current_effective_deadline`
 */
export function currentEffectiveDeadline(): number {
  return currentScope()?.effectiveDeadline ?? Number.POSITIVE_INFINITY;
}

function after(delayMs: number, what: string): number {
  if (typeof delayMs === 'number' && delayMs >= 0) return now() + delayMs;
  throw invalidArgument(
    'AEVENT_INVALID_OPTIONS',
    `${what}() takes milliseconds >= 0, or Infinity, not ${describe(delayMs)}.`,
  );
}

import { builtin } from '../../runtime/builtins.js';
import { startTimer } from '../../runtime/clock.js';
import { maySuspend, suspend } from '../../runtime/suspension.js';

const { inspect } = builtin<typeof import('node:util')>('util');
const { wait } = Atomics;
const neverNotified = new Int32Array(new SharedArrayBuffer(4));

/**
 * Sleeps for at least `delayMs`: suspends the current task, always a checkpoint; where nothing can be suspended,
 * blocks the thread.
 * @param delayMs - milliseconds, finite and >= 0; 0 lets the event loop turn once
 * @throws TypeError (ERR_INVALID_ARG_TYPE) if `delayMs` is not a number
 * @throws RangeError (ERR_OUT_OF_RANGE) if it is negative, infinite or NaN
 * @throws {@link Cancelled} if an enclosing scope is cancelled
 * @see trio `sleep`; Node `timers/promises.setTimeout`
 */
export function sleepSync(delayMs: number): void {
  if (typeof delayMs !== 'number') {
    const message = `The "delayMs" argument must be of type number. Received ${described(delayMs)}`;
    throw withCode(new TypeError(message), 'ERR_INVALID_ARG_TYPE');
  }
  if (!(delayMs >= 0 && delayMs < Number.POSITIVE_INFINITY)) {
    const message = `The value of "delayMs" is out of range. It must be finite and >= 0. Received ${delayMs}`;
    throw withCode(new RangeError(message), 'ERR_OUT_OF_RANGE');
  }
  if (maySuspend('timers'))
    suspend<void>(`sleepSync(${delayMs})`, (sleep) => startTimer(delayMs, () => sleep.resolve()));
  else wait(neverNotified, 0, 0, delayMs);
}

function described(value: unknown): string {
  return value == null ? String(value) : `type ${typeof value} (${inspect(value)})`;
}

/** Node's errors show their code in the stack, but not in the name. */
function withCode(error: Error, code: string): Error {
  error.name = `${error.name} [${code}]`;
  void error.stack;
  Reflect.deleteProperty(error, 'name');
  return Object.assign(error, { code });
}

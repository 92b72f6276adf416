// `sleepSync()`.
import { startTimer } from '../../../runtime/base/clock.js';
import { maySuspend } from '../../../runtime/suspension/portal.js';
import { suspendIn } from '../../../runtime/suspension/suspension.js';
import { invalidArgType, outOfRange } from '../../kit/node-errors.js';

const { wait } = Atomics;

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
    throw invalidArgType('delayMs', 'of type number', delayMs);
  }
  if (!(delayMs >= 0 && delayMs < Number.POSITIVE_INFINITY)) {
    throw outOfRange('delayMs', 'finite and >= 0', delayMs);
  }
  if (maySuspend('timers'))
    suspendIn<void>(`sleepSync(${delayMs})`, (sleep) => startTimer(delayMs, () => sleep.resolveAfterPoll()));
  else wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
}

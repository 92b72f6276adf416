// `setitimer()`, `getitimer()` and `alarm()`, as in Python's `signal`.
import { builtin, globals, ofProcess } from '../../base/builtins.js';
import { describe } from '../../base/describe.js';
import { invalidArgument } from '../../base/errors.js';
import { nameOf } from './signals.js';

const process = builtin<typeof import('node:process')>('process');
const { performance } = builtin<typeof import('node:perf_hooks')>('perf_hooks');
const MAX_DELAY_MS = 2 ** 31 - 1;

let timer: { handle: NodeJS.Timeout; dueMs: number; intervalMs: number } | undefined;

/**
 * Has a `SIGALRM` sent to the process after `delayMs`, and then each `intervalMs`. Not a checkpoint. There is one such
 * timer, which {@link alarm} shares; it takes the place of the one that was set. As that of an operating system it
 * does not keep the process alive, and goes by real time. The signal comes from a timer of the event loop: a loop that
 * is blocked gets it late. By default `SIGALRM` ends the process.
 * @param delayMs - milliseconds; 0 stops the timer
 * @param intervalMs - milliseconds; 0: once
 * @returns the milliseconds that were left, and the interval, of the timer that was set before
 * @throws TypeError `AEVENT_INVALID_TIMEOUT`; {@link AeventError} `AEVENT_NOT_MAIN_THREAD`
 * @see Python `signal.setitimer` (`ITIMER_REAL`)
 */
export function setitimer(delayMs: number, intervalMs = 0): [delayMs: number, intervalMs: number] {
  nameOf('SIGALRM', 'setitimer()');
  check(delayMs);
  check(intervalMs);
  const before = getitimer();
  globals.clearTimeout(timer?.handle);
  timer = undefined;
  if (delayMs > 0) start(delayMs, intervalMs);
  return before;
}

/**
 * The milliseconds that are left until the next `SIGALRM`, and the interval; zeros if none is set. Not a checkpoint.
 * @see Python `signal.getitimer`
 */
export function getitimer(): [delayMs: number, intervalMs: number] {
  if (timer === undefined) return [0, 0];
  return [Math.max(0, timer.dueMs - performance.now()), timer.intervalMs];
}

/**
 * Has one `SIGALRM` sent to the process after `delayMs`; see {@link setitimer}. Not a checkpoint.
 * @param delayMs - milliseconds; 0 stops the timer
 * @returns the milliseconds that were left of the timer that was set before, or 0
 * @see Python `signal.alarm`, which takes seconds
 */
export function alarm(delayMs: number): number {
  return setitimer(delayMs)[0];
}

function start(delayMs: number, intervalMs: number): void {
  const handle = globals.setTimeout(() => {
    timer = undefined;
    if (intervalMs > 0) start(intervalMs, intervalMs);
    ofProcess.kill(process.pid, 'SIGALRM');
  }, delayMs);
  timer = { handle: handle.unref(), dueMs: performance.now() + delayMs, intervalMs };
}

function check(ms: number): void {
  if (typeof ms === 'number' && ms >= 0 && ms <= MAX_DELAY_MS) return;
  throw invalidArgument(
    'AEVENT_INVALID_TIMEOUT',
    `setitimer() and alarm() take 0 to ${MAX_DELAY_MS} milliseconds, not ${describe(ms)}.`,
  );
}

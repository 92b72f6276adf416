// Checks a time-out.
import { describe } from './describe.js';
import { invalidArgument } from './errors.js';

/**
 * The milliseconds to wait at most: Infinity where none were given, 0 for a call that must not wait.
 * @throws TypeError `AEVENT_INVALID_TIMEOUT`
 */
export function timeoutFrom(what: string, timeoutMs: number | undefined, blocking = true): number {
  if (timeoutMs === undefined) return blocking ? Number.POSITIVE_INFINITY : 0;
  if (!blocking) {
    throw invalidArgument(
      'AEVENT_INVALID_TIMEOUT',
      `${what} was given a time-out (${describe(timeoutMs)} ms) and told not to wait. Leave one of them out.`,
    );
  }
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) {
    throw invalidArgument(
      'AEVENT_INVALID_TIMEOUT',
      `${what} takes a time-out in milliseconds, >= 0, not ${describe(timeoutMs)}. Leave it out to wait for ever.`,
    );
  }
  return timeoutMs;
}

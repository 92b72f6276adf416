// The errors for a lock that is released by code that does not hold it.
import { AeventError } from '../../base/errors.js';

/** For what CPython raises a RuntimeError for: acquire, wait or notify without holding the lock. */
export function notAcquired(what: string): AeventError {
  return new AeventError(
    'AEVENT_NOT_ACQUIRED',
    `${what} was called on a lock that is not acquired. Acquire it first.`,
  );
}

/** An RLock that belongs to another task. */
export function notOwner(what: string): AeventError {
  return new AeventError(
    'AEVENT_NOT_OWNER',
    `${what} was called in a task that does not own the RLock. It belongs to the task that acquired it.`,
  );
}

// `select()`, as in Python's `select`.
import { builtin } from '../../base/builtins.js';
import { describe } from '../../base/describe.js';
import { invalidArgument, systemError } from '../../base/errors.js';
import { each, filter, push, some, splice } from '../../base/primordials.js';
import { POLLIN, POLLNVAL, POLLOUT, POLLPRI } from './events.js';
import type { Pollable } from './target.js';
import { checkTimeout, waitForAny } from './wait.js';

const { EBADF } = builtin<typeof import('node:os')>('os').constants.errno;

/** An array is gone through by its length; whatever else by its own iterator. */
function listOf<T>(targets: Iterable<T>): T[] {
  if (typeof (targets as Iterable<T> | null | undefined)?.[Symbol.iterator] !== 'function') {
    throw invalidArgument(
      'AEVENT_INVALID_ARGUMENT',
      `select() takes three lists of what is waited for, not ${describe(targets)}.`,
    );
  }
  return [...(Array.isArray(targets) ? each(targets as T[]) : targets)];
}

/**
 * Waits until a descriptor of `r` can be read, one of `w` written, or one of `x` has an exceptional condition (urgent
 * data, an error, a hang-up). A checkpoint, unless `timeoutMs` is 0: that never waits, and works outside of tasks too.
 * @param timeoutMs - milliseconds >= 0; none or null: no limit
 * @returns those that are ready, in the order of the lists; three empty lists when the time was over
 * @throws Node's `EBADF` for one that is closed; {@link Cancelled}; {@link NoPortalError}; TypeError
 *   `AEVENT_NO_DESCRIPTOR`, `AEVENT_INVALID_TIMEOUT`, `AEVENT_INVALID_ARGUMENT`
 * @see Python `select.select`
 */
export function select<R extends Pollable, W extends Pollable, X extends Pollable>(
  r: Iterable<R>,
  w: Iterable<W>,
  x: Iterable<X>,
  timeoutMs?: number | null,
): [R[], W[], X[]] {
  const limitMs = checkTimeout(timeoutMs, 'select()', 'error');
  const readers = listOf(r);
  const writers = listOf(w);
  const others = listOf(x);
  const interests: { target: Pollable; events: number }[] = [];
  const want = (targets: readonly Pollable[], events: number): void => {
    for (const target of each(targets)) push(interests, { target, events });
  };
  want(readers, POLLIN);
  want(writers, POLLOUT);
  want(others, POLLPRI);
  const found = waitForAny(interests, limitMs, 'select.select');
  if (some(found, (events) => (events & POLLNVAL) !== 0)) throw systemError(-EBADF, 'select');
  const take = <T>(list: T[]): T[] => {
    const events = splice(found, 0, list.length);
    return filter(list, (_, i) => events[i] !== 0);
  };
  return [take(readers), take(writers), take(others)];
}

// `poll()`, as in Python's `select`.
import { describe, kindOf } from '../../base/describe.js';
import { AeventError, invalidArgument } from '../../base/errors.js';
import { push } from '../../base/primordials.js';
import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI, POLLRDHUP } from './events.js';
import { descriptorOf, type Pollable } from './target.js';
import { checkTimeout, type Interest, waitForAny } from './wait.js';

const VALID = POLLIN | POLLPRI | POLLOUT | POLLERR | POLLHUP | POLLNVAL | POLLRDHUP;

/**
 * A set of descriptors to wait for; made by {@link poll}.
 * @see Python `select.poll`
 */
export class Poll {
  readonly #interests = new Map<Pollable, Interest>();

  /**
   * Adds a descriptor, or what has one; a second time it only replaces the events. Not a checkpoint.
   * @param events - bits of `POLLIN`, `POLLPRI`, `POLLOUT`, `POLLRDHUP`; default: the first three
   * @throws TypeError `AEVENT_NO_DESCRIPTOR` for what can have none; `AEVENT_INVALID_EVENTS`
   */
  register(target: Pollable, events: number = POLLIN | POLLPRI | POLLOUT): void {
    descriptorOf(target);
    this.#interests.set(target, { target, events: checkEvents(events) });
  }

  /**
   * Replaces the events of something registered. Not a checkpoint.
   * @throws {@link AeventError} `AEVENT_NOT_REGISTERED`; TypeError `AEVENT_INVALID_EVENTS`
   */
  modify(target: Pollable, events: number): void {
    this.#requireRegistered(target, 'modify');
    this.#interests.set(target, { target, events: checkEvents(events) });
  }

  /**
   * Removes something registered. Not a checkpoint; a `poll()` that is waiting goes on with what it began with.
   * @throws {@link AeventError} `AEVENT_NOT_REGISTERED`
   */
  unregister(target: Pollable): void {
    this.#requireRegistered(target, 'unregister');
    this.#interests.delete(target);
  }

  /**
   * Waits until something registered is ready. A checkpoint, unless `timeoutMs` is 0: that never waits, and works
   * outside of tasks too.
   * @param timeoutMs - milliseconds; none, null or negative: no limit
   * @returns what is ready, as it was registered, with its events; empty when the time was over. `POLLNVAL` is
   *   reported for what is closed, `POLLERR` and `POLLHUP` whether asked for or not, `POLLIN` also while a stream
   *   of Node's has something buffered. Regular files are always ready
   * @throws {@link Cancelled}; {@link NoPortalError}; TypeError `AEVENT_INVALID_TIMEOUT`; Node's `EMFILE`
   */
  poll(timeoutMs?: number | null): [target: Pollable, events: number][] {
    const limitMs = checkTimeout(timeoutMs, 'poll()', 'forever');
    const interests = [...this.#interests.values()];
    const found = waitForAny(interests, limitMs, 'select.poll');
    const ready: [target: Pollable, events: number][] = [];
    for (let i = 0; i < interests.length; i++) {
      const events = found[i];
      if (events) push(ready, [(interests[i] as { target: Pollable }).target, events]);
    }
    return ready;
  }

  #requireRegistered(target: Pollable, method: string): void {
    if (this.#interests.has(target)) return;
    const what = kindOf(target);
    throw new AeventError(
      'AEVENT_NOT_REGISTERED',
      `${method}() was called for ${what}, which is not registered with this poll(). register() it first.`,
    );
  }
}

/** Makes a {@link Poll} without anything registered. Not a checkpoint. */
export function poll(): Poll {
  return new Poll();
}

function checkEvents(events: number): number {
  if (Number.isInteger(events) && (events & ~VALID) === 0) return events;
  throw invalidArgument(
    'AEVENT_INVALID_EVENTS',
    `Events are bits of POLLIN, POLLPRI, POLLOUT and POLLRDHUP, not ${describe(events)}.`,
  );
}

// Looking at descriptors and waiting for them. What is ready says poll(2) alone, so that regular files, closed
// descriptors and hang-ups are as POSIX has them. The event loop only tells when to look again: it watches duplicates,
// so any number of tasks, and Node itself, may watch the same one.
import { startTimer } from '../../base/clock.js';
import { describe } from '../../base/describe.js';
import { invalidArgument, systemError } from '../../base/errors.js';
import { each, map, some } from '../../base/primordials.js';
import { watchFd } from '../../io/fd-readiness.js';
import { PollEvents } from '../../native/binding.js';
import { loadNative } from '../../native/load.js';
import { cheaply } from '../../patching/cheap-calls.js';
import { hasPortal } from '../../suspension/portal.js';
import { suspend, type Waiter } from '../../suspension/suspension.js';
import { POLLIN, POLLNVAL, POLLOUT, POLLPRI, POLLRDHUP } from './events.js';
import { descriptorOf, hasBuffered, onClose, type Pollable } from './target.js';

/** The events that a caller asks for on one target. */
export interface Interest {
  readonly target: Pollable;
  readonly events: number;
}

/**
 * Waits until poll(2) reports something for one of `interests`, or the time is over. A checkpoint unless `timeoutMs`
 * is 0.
 * @param timeoutMs - milliseconds; undefined: no limit; 0: looks, and never waits
 * @returns what is reported for each of them; 0 for nothing
 */
export function waitForAny(
  interests: readonly Interest[],
  timeoutMs: number | undefined,
  what: string,
): number[] {
  // The loop turns before it looks: what is told should hold when the caller hears of it.
  if (hasPortal()) cheaply('select', () => {});
  if (timeoutMs === 0) return look(interests);
  return suspend<number[]>(what, (wait) => {
    const found = look(interests);
    if (some(found, isReady)) {
      wait.resolve(found);
      return undefined;
    }
    const watch = new Watch(interests, wait);
    watch.start(timeoutMs);
    return () => watch.stop();
  });
}

/**
 * Milliseconds to wait, as the user gave them; undefined for ever.
 * @param ifNegative - what negative ones mean
 */
export function checkTimeout(
  timeoutMs: number | null | undefined,
  what: string,
  ifNegative: 'forever' | 'error',
): number | undefined {
  if (timeoutMs === undefined || timeoutMs === null || timeoutMs === Number.POSITIVE_INFINITY)
    return undefined;
  if (typeof timeoutMs === 'number' && timeoutMs >= 0) return timeoutMs;
  if (typeof timeoutMs === 'number' && timeoutMs < 0 && ifNegative === 'forever') return undefined;
  const range = ifNegative === 'error' ? ' >= 0' : '';
  throw invalidArgument(
    'AEVENT_INVALID_TIMEOUT',
    `${what} takes milliseconds${range}, or nothing to wait without a limit, not ${describe(timeoutMs)}.`,
  );
}

const isReady = (events: number): boolean => events !== 0;

/** Gives the events that poll(2) reports now. */
function look(interests: readonly Interest[]): number[] {
  const entries = new Int32Array(3 * interests.length);
  for (let i = 0; i < interests.length; i++) {
    const { target, events } = interests[i] as Interest;
    entries[3 * i] = descriptorOf(target);
    entries[3 * i + 1] = events;
  }
  const status = loadNative().pollNow(entries);
  if (status < 0) throw systemError(status, 'poll');
  return map(interests, ({ target, events }, i) => {
    if (entries[3 * i] === -1) return POLLNVAL;
    const buffered = (events & POLLIN) !== 0 && hasBuffered(target) ? POLLIN : 0;
    return (entries[3 * i + 2] as number) | buffered;
  });
}

/** Watches until one of the targets is ready, then stops watching all of them. */
class Watch {
  readonly #interests: readonly Interest[];
  readonly #wait: Waiter<number[]>;
  readonly #stops = new Set<() => void>();

  constructor(interests: readonly Interest[], wait: Waiter<number[]>) {
    this.#interests = interests;
    this.#wait = wait;
  }

  start(timeoutMs: number | undefined): void {
    try {
      if (timeoutMs !== undefined) this.#stops.add(startTimer(timeoutMs, () => this.#end()));
      for (const interest of each(this.#interests)) {
        const stop = onClose(interest.target, () => this.#end());
        if (stop !== undefined) this.#stops.add(stop);
        this.#watch(interest);
      }
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops.clear();
  }

  #watch(interest: Interest): void {
    const stop = watchFd(descriptorOf(interest.target), watched(interest.events), () => {
      this.#stops.delete(stop as () => void);
      this.#lookAgain(interest);
    });
    if (stop !== undefined) this.#stops.add(stop);
  }

  // Another reader may have read already what woke this up.
  #lookAgain(interest: Interest): void {
    try {
      const found = look(this.#interests);
      if (some(found, isReady)) this.#end(found);
      else this.#watch(interest);
    } catch (error) {
      this.stop();
      this.#wait.reject(error);
    }
  }

  #end(found: number[] = look(this.#interests)): void {
    this.stop();
    this.#wait.resolve(found);
  }
}

/** libuv's bits for those of poll(2). Without any it reports errors alone, but it takes none for an order to stop. */
function watched(events: number): number {
  const bits =
    ((events & POLLIN) !== 0 ? PollEvents.readable : 0) |
    ((events & POLLOUT) !== 0 ? PollEvents.writable : 0) |
    ((events & POLLRDHUP) !== 0 ? PollEvents.disconnect : 0) |
    ((events & POLLPRI) !== 0 ? PollEvents.prioritized : 0);
  return bits === 0 ? PollEvents.prioritized : bits;
}

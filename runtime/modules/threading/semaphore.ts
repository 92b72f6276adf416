// `Semaphore` and `BoundedSemaphore`, as in Python's `threading`.
import { describe, inLine, inspectAs } from '../../base/describe.js';
import { AeventError, invalidArgument } from '../../base/errors.js';
import { interleave } from '../../base/scheduler.js';
import { timeoutFrom } from '../../base/timeout.js';
import { requireStack, requireStackToGive } from '../../suspension/stack-room.js';
import { type Subject, type Told, tellWait } from '../../suspension/subject.js';
import { timedOut, WaitList } from '../../waiting/wait-list.js';
import { Acquirable } from './acquirable.js';

/**
 * A number of permits, which tasks acquire and release; first come, first served.
 * @see CPython `threading.Semaphore`
 */
export class Semaphore extends Acquirable implements Subject {
  #value: number;
  readonly #waiters = new WaitList<true>();

  /**
   * @param value - how many permits there are; an integer >= 0
   * @throws TypeError `AEVENT_INVALID_COUNT`
   */
  constructor(value = 1) {
    super();
    this.#value = countFrom('A semaphore begins with', value, 0);
  }

  /** How many permits are left. */
  get value(): number {
    return this.#value;
  }

  /** Acquires one permit. A checkpoint if it has to wait. Parameters, result and errors are those of `Lock.acquire`. */
  acquire(blocking = true, timeoutMs?: number): boolean {
    const limit = timeoutFrom('Semaphore.acquire', timeoutMs, blocking);
    requireStack();
    if (limit > 0) interleave('Semaphore.acquire');
    return this.#takeFree() || this.#waiters.wait('Semaphore.acquire', limit, undefined, this) !== timedOut;
  }

  /** As {@link acquire}, for async code; cancelled with the scope that it is called in. */
  async acquireAsync(timeoutMs?: number): Promise<boolean> {
    const limit = timeoutFrom('Semaphore.acquireAsync', timeoutMs);
    requireStack();
    return this.#takeFree() || (await this.#waiters.waitAsync(limit, undefined)) !== timedOut;
  }

  /**
   * Gives permits back, in whatever task. Never a checkpoint.
   * @param count - how many; an integer >= 1
   * @throws TypeError `AEVENT_INVALID_COUNT`
   */
  release(count = 1): void {
    let left = countFrom('Semaphore.release() gives back', count, 1);
    requireStackToGive();
    for (; left > 0; left--) {
      const next = this.#waiters.take();
      if (next === undefined) break;
      next.wake(true);
    }
    this.#value += left;
  }

  /** @internal */
  [tellWait](): Told {
    return { text: `of ${this.#value} permits`, needs: { any: [] } };
  }

  /** @internal */
  [inspectAs](): string {
    return inLine(this, () => `${this.#value} permits, ${this.#waiters.size} waiting`);
  }

  #takeFree(): boolean {
    if (this.#value === 0) return false;
    this.#value--;
    return true;
  }
}

/**
 * A semaphore that never has more permits than it began with.
 * @see CPython `threading.BoundedSemaphore`
 */
export class BoundedSemaphore extends Semaphore {
  readonly #bound: number;

  /** See {@link Semaphore}. */
  constructor(value = 1) {
    super(value);
    this.#bound = value;
  }

  /**
   * See {@link Semaphore.release}.
   * @throws {@link AeventError} `AEVENT_RELEASED_TOO_OFTEN`; nothing was given back then
   */
  override release(count = 1): void {
    if (this.value + count > this.#bound) {
      throw new AeventError(
        'AEVENT_RELEASED_TOO_OFTEN',
        `BoundedSemaphore.release(${count}) was called with ${this.value} of ${this.#bound} permits left. ` +
          'Release what was acquired, once.',
      );
    }
    super.release(count);
  }
}

/** A count that makes sense. */
export function countFrom(what: string, count: number, least: number): number {
  if (Number.isInteger(count) && count >= least) return count;
  throw invalidArgument('AEVENT_INVALID_COUNT', `${what} an integer >= ${least}, not ${describe(count)}.`);
}

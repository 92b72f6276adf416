// `Event`, as in Python's `threading`.
import { inLine, inspectAs } from '../../base/describe.js';
import { interleave } from '../../base/scheduler.js';
import { timeoutFrom } from '../../base/timeout.js';
import { requireStackToGive } from '../../suspension/stack-room.js';
import { type Subject, type Told, tellWait } from '../../suspension/subject.js';
import { timedOut, WaitList } from '../../waiting/wait-list.js';

/**
 * A flag that tasks wait for.
 * @see CPython `threading.Event`
 */
export class Event implements Subject {
  #isSet = false;
  readonly #what: string;
  readonly #waiters = new WaitList<true>();

  /** @param what - names a wait for it in the task dump */
  constructor(what = 'Event.wait') {
    this.#what = what;
  }

  /** Whether the flag is set. */
  isSet(): boolean {
    return this.#isSet;
  }

  /** Sets the flag and wakes all that wait for it. Never a checkpoint. */
  set(): void {
    if (this.#waiters.size > 0) requireStackToGive();
    this.#isSet = true;
    this.#waiters.wakeAll(true);
  }

  /** Takes the flag back: a wait that begins from now on ends at the next {@link set}. */
  clear(): void {
    this.#isSet = false;
  }

  /**
   * Waits until the flag is set. A checkpoint unless it is.
   * @param timeoutMs - milliseconds, >= 0, to wait at most
   * @returns false if the time was up first; true also where the flag was taken back since
   * @throws {@link NoPortalError} where it would have to wait and nothing can be suspended; {@link Cancelled}
   */
  wait(timeoutMs?: number): boolean {
    const limit = timeoutFrom(this.#what, timeoutMs);
    if (limit > 0) interleave(this.#what);
    return this.#isSet || this.#waiters.wait(this.#what, limit, undefined, this) !== timedOut;
  }

  /** As {@link wait}, for async code; cancelled with the scope that it is called in. */
  async waitAsync(timeoutMs?: number): Promise<boolean> {
    const limit = timeoutFrom(this.#what, timeoutMs);
    return this.#isSet || (await this.#waiters.waitAsync(limit, undefined)) !== timedOut;
  }

  /** @internal */
  [tellWait](): Told {
    return { text: '', needs: { any: [] } };
  }

  /** @internal */
  [inspectAs](): string {
    return inLine(this, () => `${this.#isSet ? 'set' : 'not set'}, ${this.#waiters.size} waiting`);
  }
}

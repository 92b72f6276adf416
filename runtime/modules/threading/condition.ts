// `Condition`, as in Python's `threading`.
import { now } from '../../base/clock.js';
import { describe, inLine, inspectAs } from '../../base/describe.js';
import { invalidArgument } from '../../base/errors.js';
import { timeoutFrom } from '../../base/timeout.js';
import { currentScope } from '../../cancellation/cancel-scope.js';
import { uncancelled } from '../../cancellation/checkpoint.js';
import { hasPortal, requirePortal } from '../../suspension/portal.js';
import { requireStack, requireStackToGive } from '../../suspension/stack-room.js';
import { type Subject, type Told, tellWait } from '../../suspension/subject.js';
import { timedOut, WaitList } from '../../waiting/wait-list.js';
import { Acquirable } from './acquirable.js';
import { type ConditionLock, Lock, RLock } from './lock.js';
import { notAcquired } from './misuse.js';

/**
 * Lets tasks that hold a lock wait until another one tells them that something has changed. A task that was notified
 * cannot be cancelled, nor run out of time, while it waits for the lock again: so no notification is lost. In code
 * that belongs to no task, give it a Lock.
 * @see CPython `threading.Condition`
 */
export class Condition extends Acquirable implements Subject {
  readonly #lock: ConditionLock;
  readonly #waiters = new WaitList<true>();

  /** @param lock - a Lock or RLock, which several conditions may share; by default an RLock of its own */
  constructor(lock: ConditionLock = new RLock()) {
    super();
    if (!(lock instanceof Lock) && !(lock instanceof RLock)) {
      throw invalidArgument(
        'AEVENT_INVALID_ARGUMENT',
        `new Condition() takes a Lock or an RLock, not ${describe(lock)}.`,
      );
    }
    this.#lock = lock;
  }

  /** Acquires the lock; see there. */
  acquire(blocking?: boolean, timeoutMs?: number): boolean {
    return this.#lock.acquire(blocking, timeoutMs);
  }

  /** Acquires the lock; see there. */
  acquireAsync(timeoutMs?: number): Promise<boolean> {
    return this.#lock.acquireAsync(timeoutMs);
  }

  /** Releases the lock; see there. */
  release(): void {
    this.#lock.release();
  }

  /** True while the lock is acquired. */
  locked(): boolean {
    return this.#lock.locked();
  }

  /**
   * Releases the lock, waits until notified, and acquires the lock again, also where it throws. A checkpoint.
   * @param timeoutMs - milliseconds to wait at most for the notification; the lock may take longer
   * @returns false if the time was up first
   * @throws {@link AeventError} `AEVENT_NOT_ACQUIRED` without the lock; {@link NoPortalError}; {@link Cancelled}
   */
  wait(timeoutMs?: number): boolean {
    this.#requireOwned('Condition.wait()');
    const limit = timeoutFrom('Condition.wait', timeoutMs);
    // No other task could notify meanwhile.
    if (limit === 0 && !hasPortal()) return false;
    // Before the lock is released: where nothing can be suspended it could not be acquired again.
    requirePortal('Condition.wait').scope.throwIfCancelled();
    requireStack();
    const held = this.#lock._releaseSave();
    try {
      return this.#waiters.wait('Condition.wait', limit, undefined, this) !== timedOut;
    } finally {
      uncancelled(() => this.#lock._acquireRestore(held, 'Condition.wait'));
    }
  }

  /** As {@link wait}, for async code; cancelled with the scope that it is called in. */
  async waitAsync(timeoutMs?: number): Promise<boolean> {
    this.#requireOwned('Condition.waitAsync()');
    const limit = timeoutFrom('Condition.waitAsync', timeoutMs);
    currentScope()?.throwIfCancelled();
    requireStack();
    const waited = this.#waiters.waitAsync(limit, undefined);
    const held = this.#lock._releaseSave();
    try {
      return (await waited) !== timedOut;
    } finally {
      await uncancelled(() => this.#lock._acquireRestoreAsync(held));
    }
  }

  /**
   * Waits until `predicate()`, called with the lock held, gives something truthy. A checkpoint if it does not at once.
   * @param timeoutMs - milliseconds to wait at most
   * @returns what the predicate gave last: something falsy if the time was up
   */
  waitFor<T>(predicate: () => T, timeoutMs?: number): T {
    const end = now() + timeoutFrom('Condition.waitFor', timeoutMs);
    let result = predicate();
    while (!result) {
      const left = end - now();
      if (left <= 0) break;
      this.wait(left);
      result = predicate();
    }
    return result;
  }

  /** As {@link waitFor}, for async code; a promise that the predicate gives is awaited. */
  async waitForAsync<T>(predicate: () => T | PromiseLike<T>, timeoutMs?: number): Promise<T> {
    const end = now() + timeoutFrom('Condition.waitForAsync', timeoutMs);
    let result = await predicate();
    while (!result) {
      const left = end - now();
      if (left <= 0) break;
      await this.waitAsync(left);
      result = await predicate();
    }
    return result;
  }

  /**
   * Wakes as many of those that wait, first come, first served. Never a checkpoint: they go on when the lock is free.
   * @throws {@link AeventError} `AEVENT_NOT_ACQUIRED` without the lock
   */
  notify(count = 1): void {
    this.#requireOwned('Condition.notify()');
    requireStackToGive();
    for (let i = 0; i < count; i++) {
      const waiter = this.#waiters.take();
      if (waiter === undefined) return;
      waiter.wake(true);
    }
  }

  /** Wakes all of those that wait. See {@link notify}. */
  notifyAll(): void {
    this.#requireOwned('Condition.notifyAll()');
    requireStackToGive();
    this.#waiters.wakeAll(true);
  }

  /** @internal */
  [tellWait](): Told {
    return { text: '', needs: { any: [] } };
  }

  /** @internal */
  [inspectAs](): string {
    return inLine(this, () => `${this.#waiters.size} waiting, ${describe(this.#lock)}`);
  }

  #requireOwned(what: string): void {
    if (!this.#lock._isOwned()) throw notAcquired(what);
  }
}

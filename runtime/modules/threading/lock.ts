// `Lock` and `RLock`, as in Python's `threading`.
import { inLine, inspectAs } from '../../base/describe.js';
import { AeventError } from '../../base/errors.js';
import { interleave } from '../../base/scheduler.js';
import { timeoutFrom } from '../../base/timeout.js';
import { requireStack, requireStackToGive } from '../../suspension/stack-room.js';
import { type Subject, type Told, tellWait } from '../../suspension/subject.js';
import { timedOut, WaitList } from '../../waiting/wait-list.js';
import { Acquirable } from './acquirable.js';
import { notAcquired, notOwner } from './misuse.js';
import { currentOwner, heldBy, noTask, type Owner, stateOf } from './owner.js';

/** The methods that a Condition needs of its lock, besides acquiring it. */
export interface ConditionLock extends Acquirable {
  /** True while it is acquired. */
  locked(): boolean;
  /** True if the running code may wait and notify. @internal */
  _isOwned(): boolean;
  /** Lets go of it, however often it is held; gives what {@link _acquireRestore} takes. @internal */
  _releaseSave(): number;
  /** @internal */
  _acquireRestore(count: number, what: string): void;
  /** @internal */
  _acquireRestoreAsync(count: number): Promise<void>;
}

/**
 * A lock without an owner: any task may release it. First come, first served: it is handed from the task that
 * releases it to the longest waiter.
 * @see CPython `threading.Lock`
 */
export class Lock extends Acquirable implements ConditionLock, Subject {
  #locked = false;
  /** The owner that acquired it last, for a look at tasks: another task may release it. */
  #holder: Owner | undefined;
  readonly #waiters = new WaitList<true, Owner>();

  constructor() {
    super();
  }

  /**
   * Acquires the lock. A checkpoint if it has to wait.
   * @param blocking - false: gives false where it would have to wait
   * @param timeoutMs - milliseconds, >= 0, after which it gives false; without it there is no limit
   * @returns whether the lock was acquired
   * @throws {@link NoPortalError} where it would have to wait and nothing can be suspended; {@link Cancelled}
   */
  acquire(blocking = true, timeoutMs?: number): boolean {
    requireStack();
    return this.#acquire('Lock.acquire', timeoutFrom('Lock.acquire', timeoutMs, blocking));
  }

  /** As {@link acquire}, for async code; cancelled with the scope that it is called in. */
  async acquireAsync(timeoutMs?: number): Promise<boolean> {
    const limit = timeoutFrom('Lock.acquireAsync', timeoutMs);
    requireStack();
    return this.#takeFree() || (await this.#waiters.waitAsync(limit, currentOwner())) !== timedOut;
  }

  /**
   * Releases the lock, in whatever task. Never a checkpoint.
   * @throws {@link AeventError} `AEVENT_NOT_ACQUIRED`
   */
  release(): void {
    if (!this.#locked) throw notAcquired('Lock.release()');
    if (this.#waiters.size > 0) requireStackToGive();
    const next = this.#waiters.take();
    this.#holder = next?.payload;
    if (next === undefined) this.#locked = false;
    else next.wake(true);
  }

  /** True while it is acquired. */
  locked(): boolean {
    return this.#locked;
  }

  /** @internal */
  [tellWait](): Told {
    return heldBy(this.#holder);
  }

  /** @internal */
  [inspectAs](): string {
    return inLine(this, () => stateOf(this.#locked, this.#holder, this.#waiters.size));
  }

  /** @internal */
  _isOwned(): boolean {
    return this.#locked;
  }

  /** @internal */
  _releaseSave(): number {
    this.release();
    return 1;
  }

  /** @internal */
  _acquireRestore(_: number, what: string): void {
    this.#acquire(what, Number.POSITIVE_INFINITY);
  }

  /** @internal */
  async _acquireRestoreAsync(): Promise<void> {
    await this.acquireAsync();
  }

  #acquire(what: string, limit: number): boolean {
    if (limit > 0) interleave(what);
    return this.#takeFree() || this.#waiters.wait(what, limit, currentOwner(), this) !== timedOut;
  }

  #takeFree(): boolean {
    if (this.#locked) return false;
    this.#locked = true;
    this.#holder = currentOwner();
    return true;
  }
}

/** A task that waits for an RLock, and how often it will hold it then. */
interface Claim {
  readonly owner: Owner;
  readonly count: number;
}

/**
 * A lock that its owner may acquire again; it is free when it was released as often. It is held by a task, or by
 * one call of a callback that may suspend, or by what opted in by `perTask()`. Async functions that run side by side in
 * one of these are one owner: between them, use a {@link Lock}.
 * @see CPython `threading.RLock`
 */
export class RLock extends Acquirable implements ConditionLock, Subject {
  #owner: Owner | undefined;
  #count = 0;
  readonly #waiters = new WaitList<true, Claim>();

  constructor() {
    super();
  }

  /** See {@link Lock.acquire}. Gives true at once where the calling task has it already. */
  acquire(blocking = true, timeoutMs?: number): boolean {
    requireStack();
    return this.#acquire('RLock.acquire', timeoutFrom('RLock.acquire', timeoutMs, blocking), 1);
  }

  /**
   * As {@link acquire}, for async code in a task.
   * @throws {@link AeventError} `AEVENT_NO_TASK` in code that belongs to no task: its holders could not be told apart
   */
  async acquireAsync(timeoutMs?: number): Promise<boolean> {
    const limit = timeoutFrom('RLock.acquireAsync', timeoutMs);
    requireStack();
    const owner = currentOwner();
    if (owner === noTask) {
      throw new AeventError(
        'AEVENT_NO_TASK',
        'RLock.acquireAsync() was called in code that belongs to no task, and an RLock belongs to one. ' +
          'Start the work with aevent.call() or aevent.run(), or take a Lock.',
      );
    }
    return (
      this.#takeFree(owner, 1) || (await this.#waiters.waitAsync(limit, { owner, count: 1 })) !== timedOut
    );
  }

  /**
   * Releases it once. Never a checkpoint.
   * @throws {@link AeventError} `AEVENT_NOT_ACQUIRED`, or `AEVENT_NOT_OWNER` in a task that does not hold it
   */
  release(): void {
    this.#requireOwner('RLock.release()');
    if (this.#count > 1) this.#count--;
    else this.#free();
  }

  /** True while it is held. */
  locked(): boolean {
    return this.#count > 0;
  }

  /** @internal */
  [tellWait](): Told {
    return heldBy(this.#owner);
  }

  /** @internal */
  [inspectAs](): string {
    return inLine(this, () => {
      const times = this.#count > 1 ? ` ${this.#count} times` : '';
      return stateOf(this.#count > 0, this.#owner, this.#waiters.size, times);
    });
  }

  /** @internal */
  _isOwned(): boolean {
    return this.#owner === currentOwner();
  }

  /** @internal */
  _releaseSave(): number {
    const count = this.#count;
    this.#free();
    return count;
  }

  /** @internal */
  _acquireRestore(count: number, what: string): void {
    this.#acquire(what, Number.POSITIVE_INFINITY, count);
  }

  /** @internal */
  async _acquireRestoreAsync(count: number): Promise<void> {
    const owner = currentOwner();
    if (!this.#takeFree(owner, count)) {
      await this.#waiters.waitAsync(Number.POSITIVE_INFINITY, { owner, count });
    }
  }

  #acquire(what: string, limit: number, count: number): boolean {
    if (limit > 0) interleave(what);
    const owner = currentOwner();
    return (
      this.#takeFree(owner, count) || this.#waiters.wait(what, limit, { owner, count }, this) !== timedOut
    );
  }

  #takeFree(owner: Owner, count: number): boolean {
    if (this.#owner !== undefined && this.#owner !== owner) return false;
    this.#owner = owner;
    this.#count += count;
    return true;
  }

  #requireOwner(what: string): void {
    if (this.#owner === undefined) throw notAcquired(what);
    if (this.#owner !== currentOwner()) throw notOwner(what);
  }

  #free(): void {
    if (this.#waiters.size > 0) requireStackToGive();
    const next = this.#waiters.take();
    this.#owner = next?.payload.owner;
    this.#count = next?.payload.count ?? 0;
    next?.wake(true);
  }
}

// A limit to how much is done at once, as anyio's.
import { describe, inLine, inspectAs } from '../base/describe.js';
import { AeventError, invalidArgument } from '../base/errors.js';
import { push } from '../base/primordials.js';
import { hasPortal } from '../suspension/portal.js';
import { requireStack, requireStackToGive } from '../suspension/stack-room.js';
import { WaitList } from '../waiting/wait-list.js';
import { currentBorrower } from './owner.js';

/** The result of {@link CapacityLimiter.statistics}. */
export interface CapacityLimiterStatistics {
  readonly borrowedTokens: number;
  readonly totalTokens: number;
  /** Those that hold a token: tasks, or what `acquireOnBehalfOf()` was given. */
  readonly borrowers: readonly unknown[];
  readonly tasksWaiting: number;
}

/**
 * A number of tokens; each borrower has one at most, first come, first served.
 * @see anyio `CapacityLimiter`
 */
export class CapacityLimiter {
  #totalTokens: number;
  readonly #borrowers = new Set<unknown>();
  readonly #waiters = new WaitList<true, unknown>();

  /** @param totalTokens - an integer >= 1, or Infinity @throws TypeError `AEVENT_INVALID_COUNT` */
  constructor(totalTokens: number) {
    this.#totalTokens = checked(totalTokens);
  }

  /** How many may be borrowed at once. May be set: more wake those that wait, fewer take none back. */
  get totalTokens(): number {
    return this.#totalTokens;
  }

  set totalTokens(value: number) {
    this.#totalTokens = checked(value);
    requireStackToGive();
    this.#handOn();
  }

  get borrowedTokens(): number {
    return this.#borrowers.size;
  }

  get availableTokens(): number {
    return Math.max(0, this.#totalTokens - this.#borrowers.size);
  }

  /** Borrows a token for the current task. A checkpoint if it has to wait. Parameters and errors: {@link acquireOnBehalfOf}. */
  acquire(): void {
    this.acquireOnBehalfOf(currentBorrower());
  }

  /** As {@link acquireOnBehalfOfNowait}, for the current task. */
  acquireNowait(): void {
    this.acquireOnBehalfOfNowait(currentBorrower());
  }

  /**
   * Borrows a token for `borrower`. A checkpoint if it has to wait.
   * @throws {@link AeventError} `AEVENT_BORROWED_TWICE` if it has one; `AEVENT_WOULD_BLOCK` where nothing can be suspended
   */
  acquireOnBehalfOf(borrower: unknown): void {
    requireStack();
    this.#refuseSecond(borrower);
    if (this.#take(borrower)) return;
    if (!hasPortal()) throw wouldBlock(this.#totalTokens);
    this.#waiters.wait('CapacityLimiter.acquire', Number.POSITIVE_INFINITY, borrower);
  }

  /**
   * Borrows a token for `borrower` if there is one. Never a checkpoint.
   * @throws {@link AeventError} `AEVENT_WOULD_BLOCK` if there is none; `AEVENT_BORROWED_TWICE`
   */
  acquireOnBehalfOfNowait(borrower: unknown): void {
    requireStack();
    this.#refuseSecond(borrower);
    if (!this.#take(borrower)) throw wouldBlock(this.#totalTokens);
  }

  /** Gives the current task's token back. Never a checkpoint. */
  release(): void {
    this.releaseOnBehalfOf(currentBorrower());
  }

  /** Gives the token of `borrower` back. @throws {@link AeventError} `AEVENT_NOT_BORROWED` */
  releaseOnBehalfOf(borrower: unknown): void {
    requireStackToGive();
    if (!this.#borrowers.delete(borrower)) {
      throw new AeventError(
        'AEVENT_NOT_BORROWED',
        `${describe(borrower)} holds no token of this CapacityLimiter. Release what was acquired, once, in the same task.`,
      );
    }
    this.#handOn();
  }

  /** Borrows until the end of a block: `using _ = limiter.hold();`. A checkpoint if it has to wait. */
  hold(): Disposable {
    const borrower = currentBorrower();
    this.acquireOnBehalfOf(borrower);
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.releaseOnBehalfOf(borrower);
        isHeld = false;
      },
    };
  }

  statistics(): CapacityLimiterStatistics {
    const borrowers: unknown[] = [];
    this.#borrowers.forEach((borrower) => void push(borrowers, borrower));
    return {
      borrowedTokens: this.borrowedTokens,
      totalTokens: this.#totalTokens,
      borrowers,
      tasksWaiting: this.#waiters.size,
    };
  }

  /** @internal */
  [inspectAs](): string {
    return inLine(
      this,
      () => `${this.borrowedTokens}/${this.#totalTokens} borrowed, ${this.#waiters.size} waiting`,
    );
  }

  #refuseSecond(borrower: unknown): void {
    if (!this.#borrowers.has(borrower)) return;
    throw new AeventError(
      'AEVENT_BORROWED_TWICE',
      `${describe(borrower)} holds a token of this CapacityLimiter already: it would wait for itself. ` +
        'Release it first, or acquire on behalf of something else.',
    );
  }

  #take(borrower: unknown): boolean {
    if (this.#waiters.size > 0 || this.#borrowers.size >= this.#totalTokens) return false;
    this.#borrowers.add(borrower);
    return true;
  }

  #handOn(): void {
    while (this.#borrowers.size < this.#totalTokens) {
      const next = this.#waiters.take();
      if (next === undefined) return;
      this.#borrowers.add(next.payload);
      next.wake(true);
    }
  }
}

function wouldBlock(total: number): AeventError {
  return new AeventError(
    'AEVENT_WOULD_BLOCK',
    `All ${total} tokens of the CapacityLimiter are borrowed, and the call may not wait. Acquire in a task, or raise totalTokens.`,
  );
}

function checked(value: number): number {
  if (value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && value >= 1)) return value;
  throw invalidArgument(
    'AEVENT_INVALID_COUNT',
    `A CapacityLimiter has an integer >= 1 of tokens, or Infinity, not ${describe(value)}.`,
  );
}

// The one FIFO list of waiters: locks, queues and threads of aevent wait on it, turns and inboxes too. The rule that keeps
// wake-ups from being lost: a waiter is taken off the list and given its value in one step, with nothing in between. So a
// cancellation or a time-out either finds the waiter on the list, and takes it off, or comes too late. A value that was
// handed over never goes to a waiter that has left. No waiter polls, and none overtakes another.
import { startTimer } from '../base/clock.js';
import type { Cancelled } from '../base/errors.js';
import { currentScope } from '../cancellation/cancel-scope.js';
import { requireStackToGive } from '../suspension/stack-room.js';
import { Timed } from '../suspension/subject.js';
import { suspend } from '../suspension/suspension.js';

/** The outcome of a wait whose time was up first. */
export const timedOut: unique symbol = Symbol('timed out');

/** The outcome of a wait. */
export type Outcome<T> = T | typeof timedOut;

/** A waiter that was taken off its list: the code that took it must {@link wake} or {@link fail} it. */
export interface Waiter<T, P> {
  /** Brought along by the waiter, e.g. the item that it wants to put into a queue. */
  readonly payload: P;
  /** Ends the wait with `value`, even if it is cancelled or its time is up from now on. Runs no user code. */
  wake(value: T): void;
  /** As {@link wake}, with an error. */
  fail(error: unknown): void;
}

class Node<T, P> implements Waiter<T, P> {
  readonly payload: P;
  readonly wake: (outcome: Outcome<T>) => void;
  readonly fail: (error: unknown) => void;
  previous: Node<T, P> | undefined;
  next: Node<T, P> | undefined;
  stopTimer: (() => void) | undefined;

  constructor(payload: P, wake: (outcome: Outcome<T>) => void, fail: (error: unknown) => void) {
    this.payload = payload;
    this.wake = wake;
    this.fail = fail;
  }
}

/**
 * Tasks and async functions that wait for something, in the order of their coming.
 * @typeParam T - the value that they are woken with
 * @typeParam P - the payload that they bring along
 */
export class WaitList<T, P = undefined> {
  #first: Node<T, P> | undefined;
  #last: Node<T, P> | undefined;
  #size = 0;
  readonly #changed: (() => void) | undefined;

  /** @param changed - called each time that a waiter was put on the list or taken off it; must not throw */
  constructor(changed?: () => void) {
    this.#changed = changed;
  }

  /** The number of waiters. */
  get size(): number {
    return this.#size;
  }

  /**
   * Suspends until woken. A checkpoint, unless `timeoutMs` is 0.
   * @param what - names the wait in the task dump, e.g. `Lock.acquire`
   * @param timeoutMs - from `timeoutFrom()`
   * @param about - what is waited for, for those who look at tasks
   * @param ahead - the waiter is the next one, before those that wait already
   */
  wait(what: string, timeoutMs: number, payload: P, about?: unknown, ahead = false): Outcome<T> {
    if (timeoutMs <= 0) return timedOut;
    return suspend<Outcome<T>>(
      what,
      (wait) => {
        const node = new Node<T, P>(payload, wait.resolve, wait.reject);
        this.#enlist(node, timeoutMs, ahead);
        return () => this.#strikeOff(node);
      },
      timeoutMs === Number.POSITIVE_INFINITY ? about : new Timed(about, timeoutMs),
    );
  }

  /** As {@link wait}, for async code, in a task or not. Cancelled with the scope that it is called in. */
  waitAsync(timeoutMs: number, payload: P): Promise<Outcome<T>> {
    if (timeoutMs <= 0) return Promise.resolve(timedOut);
    requireStackToGive();
    const scope = currentScope();
    if (scope?.effectivelyCancelled) return Promise.reject(scope.cancelledError());
    return new Promise((resolve, reject) => {
      const leaving =
        <V>(settle: (value: V) => void) =>
        (value: V): void => {
          scope?.removeWait(wait);
          settle(value);
        };
      const node = new Node<T, P>(payload, leaving(resolve), leaving(reject));
      const wait = {
        cancel: (error: Cancelled): void => {
          this.#strikeOff(node);
          node.fail(error);
        },
      };
      this.#enlist(node, timeoutMs, false);
      scope?.addWait(wait);
    });
  }

  /** Takes the longest waiter off the list. Callers ask for stack before: `requireStackToGive()`. */
  take(): Waiter<T, P> | undefined {
    const first = this.#first;
    if (first !== undefined) this.#strikeOff(first);
    return first;
  }

  /** Wakes all that wait now; gives their number. As {@link take}. */
  wakeAll(value: T): number {
    const count = this.#size;
    for (let waiter = this.take(); waiter !== undefined; waiter = this.take()) waiter.wake(value);
    return count;
  }

  #enlist(node: Node<T, P>, timeoutMs: number, ahead: boolean): void {
    if (timeoutMs < Number.POSITIVE_INFINITY) {
      node.stopTimer = startTimer(timeoutMs, () => {
        this.#strikeOff(node);
        node.wake(timedOut);
      });
    }
    node.previous = ahead ? undefined : this.#last;
    node.next = ahead ? this.#first : undefined;
    this.#join(node);
    this.#size++;
    this.#changed?.();
  }

  // Called once for each node: by the code that ends its wait.
  #strikeOff(node: Node<T, P>): void {
    node.stopTimer?.();
    if (node.previous === undefined) this.#first = node.next;
    else node.previous.next = node.next;
    if (node.next === undefined) this.#last = node.previous;
    else node.next.previous = node.previous;
    node.previous = undefined;
    node.next = undefined;
    this.#size--;
    this.#changed?.();
  }

  #join(node: Node<T, P>): void {
    if (node.previous === undefined) this.#first = node;
    else node.previous.next = node;
    if (node.next === undefined) this.#last = node;
    else node.next.previous = node;
  }
}

// What every lock, queue and thread of aevent waits on. The rule that keeps wake-ups from being lost: a waiter is taken
// off the list and given what it waited for in one step, with nothing in between. So a cancellation or a time-out either
// finds it still on the list, and takes it off, or comes too late; and what was handed over is never handed to somebody
// who has gone. Nobody polls, and nobody overtakes: first come, first served.
import { startTimer } from '../base/clock.js';
import type { Cancelled } from '../base/errors.js';
import { currentScope } from '../cancellation/cancel-scope.js';
import { requireStackToGive } from '../suspension/stack-room.js';
import { suspend } from '../suspension/suspension.js';

/** What a wait gives whose time was up first. */
export const timedOut: unique symbol = Symbol('timed out');

/** The outcome of a wait. */
export type Outcome<T> = T | typeof timedOut;

/** One that waits, taken off its list: whoever took it must {@link wake} it. */
export interface Waiter<T, P> {
  /** What it brought along, e.g. the item that it wants to put into a queue. */
  readonly payload: P;
  /** Has the wait end with `value`, even if it is cancelled or its time is up from now on. Runs no user code. */
  wake(value: T): void;
}

class Node<T, P> implements Waiter<T, P> {
  readonly payload: P;
  readonly settle: (outcome: Outcome<T>) => void;
  previous: Node<T, P> | undefined;
  next: Node<T, P> | undefined;
  stopTimer: (() => void) | undefined;

  constructor(payload: P, settle: (outcome: Outcome<T>) => void) {
    this.payload = payload;
    this.settle = settle;
  }

  wake(value: T): void {
    this.settle(value);
  }
}

/**
 * Tasks and async functions that wait for something, in the order of their coming.
 * @typeParam T - what they are woken with
 * @typeParam P - what they bring along
 */
export class WaitList<T, P = undefined> {
  #first: Node<T, P> | undefined;
  #last: Node<T, P> | undefined;
  #size = 0;

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /**
   * Suspends until woken. A checkpoint, unless `timeoutMs` is 0.
   * @param what - names the wait in the task dump, e.g. `Lock.acquire`
   * @param timeoutMs - from `timeoutFrom()`
   */
  wait(what: string, timeoutMs: number, payload: P): Outcome<T> {
    if (timeoutMs <= 0) return timedOut;
    return suspend<Outcome<T>>(what, (wait) => {
      const node = this.#enlist(timeoutMs, payload, (outcome) => wait.resolve(outcome));
      return () => this.#strikeOff(node);
    });
  }

  /** As {@link wait}, for async code, in a task or not. Cancelled with the scope that it is called in. */
  waitAsync(timeoutMs: number, payload: P): Promise<Outcome<T>> {
    if (timeoutMs <= 0) return Promise.resolve(timedOut);
    requireStackToGive();
    const scope = currentScope();
    if (scope?.effectivelyCancelled) return Promise.reject(scope.cancelledError());
    return new Promise((resolve, reject) => {
      const node = this.#enlist(timeoutMs, payload, (outcome) => {
        scope?.removeWait(wait);
        resolve(outcome);
      });
      const wait = {
        cancel: (error: Cancelled): void => {
          this.#strikeOff(node);
          scope?.removeWait(wait);
          reject(error);
        },
      };
      scope?.addWait(wait);
    });
  }

  /** Takes whoever has waited longest off the list. Callers ask for stack before: `requireStackToGive()`. */
  take(): Waiter<T, P> | undefined {
    const first = this.#first;
    if (first !== undefined) this.#strikeOff(first);
    return first;
  }

  /** Wakes everybody who waits now; gives how many those were. As {@link take}. */
  wakeAll(value: T): number {
    const count = this.#size;
    for (let waiter = this.take(); waiter !== undefined; waiter = this.take()) waiter.wake(value);
    return count;
  }

  #enlist(timeoutMs: number, payload: P, settle: (outcome: Outcome<T>) => void): Node<T, P> {
    const node = new Node<T, P>(payload, settle);
    if (timeoutMs < Number.POSITIVE_INFINITY) {
      node.stopTimer = startTimer(timeoutMs, () => {
        this.#strikeOff(node);
        settle(timedOut);
      });
    }
    node.previous = this.#last;
    if (this.#last === undefined) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
    this.#size++;
    return node;
  }

  // Called once for each node: by whoever ends its wait.
  #strikeOff(node: Node<T, P>): void {
    node.stopTimer?.();
    if (node.previous === undefined) this.#first = node.next;
    else node.previous.next = node.next;
    if (node.next === undefined) this.#last = node.previous;
    else node.next.previous = node.previous;
    node.previous = undefined;
    node.next = undefined;
    this.#size--;
  }
}

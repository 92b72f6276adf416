// The tasks that wait for a message of one port.
import { startTimer } from '../../../runtime/base/clock.js';
import { suspend, type Waiter } from '../../../runtime/suspension/suspension.js';

/** The result of `receiveMessageOnPort()`. */
export interface Received {
  message: unknown;
}

/** The tasks that wait for a message, in the order of coming. */
export class Waiters {
  readonly #waiting = new Set<Waiter<Received | undefined>>();
  readonly #begin: () => void;
  readonly #end: () => void;

  /**
   * @param begin - called when the first task begins to wait; may throw
   * @param end - called when no task waits any more
   */
  constructor(begin: () => void, end: () => void) {
    this.#begin = begin;
    this.#end = end;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Suspends until a message is given, or the time is up.
   * @returns undefined if the time was up
   */
  wait(what: string, timeoutMs: number): Received | undefined {
    return suspend<Received | undefined>(what, (wait) => {
      let stopTimer = (): void => {};
      const leave = (): void => {
        stopTimer();
        if (this.#waiting.delete(waiter) && this.#waiting.size === 0) this.#end();
      };
      const waiter: Waiter<Received | undefined> = {
        resolve(value) {
          leave();
          wait.resolve(value);
        },
        reject(error) {
          leave();
          wait.reject(error);
        },
      };
      if (this.#waiting.size === 0) this.#begin();
      this.#waiting.add(waiter);
      if (timeoutMs !== Number.POSITIVE_INFINITY) {
        stopTimer = startTimer(timeoutMs, () => waiter.resolve(undefined));
      }
      return leave;
    });
  }

  /** Gives a message to the task that has waited longest. */
  give(message: unknown): void {
    this.#first?.resolve({ message });
  }

  /** Ends the longest wait with an error. */
  failFirst(error: unknown): void {
    this.#first?.reject(error);
  }

  /** Ends all waits with errors. */
  failAll(error: () => unknown): void {
    for (const waiter of [...this.#waiting]) waiter.reject(error());
  }

  get #first(): Waiter<Received | undefined> | undefined {
    const [first] = this.#waiting;
    return first;
  }
}

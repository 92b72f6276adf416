// A mailbox between a listener that gets things (datagrams, connections) and tasks that ask for one each.
import { push, shift, splice } from '../../runtime/base/primordials.js';
import { WaitList } from '../../runtime/waiting/wait-list.js';

/** Items that no task has taken yet, or tasks that wait for one: never both. Waiting tasks are served FIFO. */
export class Inbox<T> {
  readonly #items: T[] = [];
  readonly #waiting = new WaitList<T>();

  /** The number of items that no task has taken. */
  get size(): number {
    return this.#items.length;
  }

  /** Gives an item to the task that waits longest, or keeps it. */
  put(item: T): void {
    const first = this.#waiting.take();
    if (first === undefined) push(this.#items, item);
    else first.wake(item);
  }

  /** Takes the oldest item; undefined if there is none. */
  takeNow(): T | undefined {
    return shift(this.#items);
  }

  /** Suspends until an item comes. */
  wait(what: string): T {
    return this.#waiting.wait(what, Number.POSITIVE_INFINITY, undefined) as T;
  }

  /** Ends all waits with an error, made for each. */
  fail(error: () => unknown): void {
    for (let left = this.#waiting.size; left > 0; left--) this.#waiting.take()?.fail(error());
  }

  /** Empties it; gives the items. */
  clear(): T[] {
    return splice(this.#items, 0, this.#items.length);
  }
}

import { shift } from '../../runtime/base/primordials.js';
import { suspend, type Waiter } from '../../runtime/suspension/suspension.js';

/** What came and nobody has taken yet, or who waits for it: never both. Tasks that wait are served in turn. */
export class Inbox<T> {
  readonly #items: T[] = [];
  readonly #waiting = new Set<Waiter<T>>();

  /** How many items nobody has taken. */
  get size(): number {
    return this.#items.length;
  }

  /** Gives an item to the task that waits longest, or keeps it. */
  put(item: T): void {
    const [first] = this.#waiting;
    if (first === undefined) {
      this.#items.push(item);
    } else {
      this.#waiting.delete(first);
      first.resolve(item);
    }
  }

  /** What is there; undefined if nothing is. */
  takeNow(): T | undefined {
    return shift(this.#items);
  }

  /** Suspends until an item comes. */
  wait(what: string): T {
    return suspend<T>(what, (wait) => {
      this.#waiting.add(wait);
      return () => void this.#waiting.delete(wait);
    });
  }

  /** Ends all waits with an error. */
  fail(error: () => unknown): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wait of waiting) wait.reject(error());
  }

  /** Empties it; gives what was there. */
  clear(): T[] {
    return this.#items.splice(0);
  }
}

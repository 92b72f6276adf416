// `SimpleQueue`, as in Python's `queue`.
import { inLine, inspectAs } from '../../base/describe.js';
import { Queue } from './queue.js';

/**
 * A queue of any size and without {@link Queue.taskDone}: putting never waits.
 * @see CPython `queue.SimpleQueue`
 */
export class SimpleQueue<T> implements Iterable<T>, AsyncIterable<T> {
  readonly #items: Queue<T> = new Queue();

  /** How many items are in the queue. */
  qsize(): number {
    return this.#items.qsize();
  }

  /** True if there is no item in the queue. */
  empty(): boolean {
    return this.#items.empty();
  }

  /** Puts an item into the queue. Never a checkpoint. `block` and `timeoutMs` are for those who expect a {@link Queue}. */
  put(item: T, _block?: boolean, _timeoutMs?: number): void {
    this.#items.putNowait(item);
  }

  /** `put(item)`. */
  putNowait(item: T): void {
    this.#items.putNowait(item);
  }

  /** See {@link Queue.get}. A checkpoint if it has to wait. */
  get(block?: boolean, timeoutMs?: number): T {
    return this.#items.get(block, timeoutMs);
  }

  /** `get(false)`. Never a checkpoint. */
  getNowait(): T {
    return this.#items.getNowait();
  }

  /** See {@link Queue.getAsync}. */
  getAsync(timeoutMs?: number): Promise<T> {
    return this.#items.getAsync(timeoutMs);
  }

  /** @internal */
  [inspectAs](): string {
    return inLine(this, () => `${this.qsize()}, ${this.#items.waiting} waiting to get`);
  }

  /** Takes items for ever; for the synchronous code of a task. */
  [Symbol.iterator](): Generator<T, void, undefined> {
    return this.#items[Symbol.iterator]();
  }

  /** Takes items for ever. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return this.#items[Symbol.asyncIterator]();
  }
}

// `Queue`, `LifoQueue` and `PriorityQueue`, as in Python's `queue`.
import { describe, inLine, inspectAs } from '../../base/describe.js';
import { AeventError, invalidArgument, requireFunction } from '../../base/errors.js';
import { interleave } from '../../base/scheduler.js';
import { timeoutFrom } from '../../base/timeout.js';
import { requireStackToGive } from '../../suspension/stack-room.js';
import { type Outcome, timedOut, WaitList } from '../../waiting/wait-list.js';
import { Empty, Full, ShutDown } from './errors.js';
import { Helpers } from './helpers.js';
import { type Compare, compareNaturally, FifoStore, LifoStore, PriorityStore, type Store } from './stores.js';

const shutDown: unique symbol = Symbol('shut down');
const nothing: unique symbol = Symbol('nothing');

/**
 * Items on their way between tasks: first in, first out. Waiters are served FIFO: an item goes from
 * the task that puts it directly to the longest waiter.
 * @see CPython `queue.Queue`
 */
export class Queue<T> implements Iterable<T>, AsyncIterable<T> {
  /** How many items it holds at most; 0 or less: any number. */
  readonly maxsize: number;
  readonly #putName: string;
  readonly #getName: string;
  readonly #joinName: string;
  #store: Store<T>;
  #unfinished = 0;
  #isShutDown = false;
  readonly #getters = new WaitList<T | typeof shutDown>();
  /** Woken with what has become of their item: it throws unless that is in the queue. */
  readonly #putters = new WaitList<() => void, T>();
  readonly #joiners = new WaitList<undefined>();
  /** For a look at tasks: which ones have put something, have taken it, have reported it done. */
  readonly #items = new Helpers(() => `(${this.#fill()})`);
  readonly #roomFor = new Helpers(() => `(${this.#fill()})`);
  readonly #done = new Helpers(() => `of ${this.#unfinished} unfinished`);

  /** @param maxsize - how many items it holds at most; 0 or less: any number */
  constructor(maxsize = 0) {
    if (typeof maxsize !== 'number' || Number.isNaN(maxsize)) {
      throw invalidArgument(
        'AEVENT_INVALID_COUNT',
        `A queue holds a number of items, not ${describe(maxsize)}.`,
      );
    }
    this.maxsize = maxsize;
    const { name } = new.target;
    this.#putName = `${name}.put`;
    this.#getName = `${name}.get`;
    this.#joinName = `${name}.join`;
    this.#store = this.createStore();
  }

  /** Makes the place where the items are kept; called by the constructor and when they are thrown away. */
  protected createStore(): Store<T> {
    return new FifoStore();
  }

  /** How many items are in the queue. */
  qsize(): number {
    return this.#store.size;
  }

  /** True if there is no item in the queue. */
  empty(): boolean {
    return this.#store.size === 0;
  }

  /** True if there are {@link maxsize} items in the queue. */
  full(): boolean {
    return this.maxsize > 0 && this.#store.size >= this.maxsize;
  }

  /** How many items were put, and not yet reported by {@link taskDone}. */
  get unfinishedTasks(): number {
    return this.#unfinished;
  }

  /** True once {@link shutdown} was called. */
  get isShutDown(): boolean {
    return this.#isShutDown;
  }

  /**
   * Puts an item into the queue. A checkpoint if it has to wait for room.
   * @param block - false: never waits; `timeoutMs` means nothing then
   * @param timeoutMs - milliseconds, >= 0, to wait at most
   * @throws {@link Full} if there was no room in time; {@link ShutDown}; {@link NoPortalError} where it would have to
   *   wait and nothing can be suspended; {@link Cancelled}. The item is not in the queue then
   */
  put(item: T, block = true, timeoutMs?: number): void {
    const limit = block ? timeoutFrom(this.#putName, timeoutMs) : 0;
    if (limit > 0) interleave(this.#putName);
    if (!this.#offer(item)) this.#finishPut(this.#putters.wait(this.#putName, limit, item, this.#roomFor));
  }

  /** As {@link put}, for async code; cancelled with the scope that it is called in. */
  async putAsync(item: T, timeoutMs?: number): Promise<void> {
    const limit = timeoutFrom(this.#putName, timeoutMs);
    if (!this.#offer(item)) this.#finishPut(await this.#putters.waitAsync(limit, item));
  }

  /** `put(item, false)`. Never a checkpoint. */
  putNowait(item: T): void {
    this.put(item, false);
  }

  /**
   * Takes an item out of the queue. A checkpoint if it has to wait for one.
   * @param block - false: never waits; `timeoutMs` means nothing then
   * @param timeoutMs - milliseconds, >= 0, to wait at most
   * @throws {@link Empty} if there was none in time; {@link ShutDown}; {@link NoPortalError} where it would have to wait
   *   and nothing can be suspended; {@link Cancelled}
   */
  get(block = true, timeoutMs?: number): T {
    const limit = block ? timeoutFrom(this.#getName, timeoutMs) : 0;
    if (limit > 0) interleave(this.#getName);
    const item = this.#poll();
    return item === nothing
      ? finishGet(this.#getters.wait(this.#getName, limit, undefined, this.#items))
      : item;
  }

  /** As {@link get}, for async code; cancelled with the scope that it is called in. An item that is a promise is awaited. */
  async getAsync(timeoutMs?: number): Promise<T> {
    const limit = timeoutFrom(this.#getName, timeoutMs);
    const item = this.#poll();
    return item === nothing ? finishGet(await this.#getters.waitAsync(limit, undefined)) : item;
  }

  /** `get(false)`. Never a checkpoint. */
  getNowait(): T {
    return this.get(false);
  }

  /**
   * Reports that the work on an item that was taken is done. Never a checkpoint.
   * @throws {@link AeventError} `AEVENT_TASK_DONE_TOO_OFTEN` if it is called more often than items were put
   */
  taskDone(): void {
    if (this.#unfinished === 0) {
      throw new AeventError(
        'AEVENT_TASK_DONE_TOO_OFTEN',
        'taskDone() was called more often than items were put into the queue. Call it once for each item.',
      );
    }
    if (this.#joiners.size > 0) requireStackToGive();
    this.#done.note();
    this.#finish(1);
  }

  /** Waits until every item that was put was reported by {@link taskDone}. A checkpoint unless it was. */
  join(): void {
    interleave(this.#joinName);
    if (this.#unfinished > 0)
      this.#joiners.wait(this.#joinName, Number.POSITIVE_INFINITY, undefined, this.#done);
  }

  /** As {@link join}, for async code; cancelled with the scope that it is called in. */
  async joinAsync(): Promise<void> {
    if (this.#unfinished > 0) await this.#joiners.waitAsync(Number.POSITIVE_INFINITY, undefined);
  }

  /**
   * From now on nothing can be put, and a get() after the last item throws {@link ShutDown}; so do
   * those who wait. Never a checkpoint.
   * @param immediate - throws the items away that are in the queue; they count as done
   */
  shutdown(immediate = false): void {
    requireStackToGive();
    this.#isShutDown = true;
    if (immediate) {
      const count = this.#store.size;
      this.#store = this.createStore();
      this.#finish(Math.min(count, this.#unfinished));
    }
    this.#getters.wakeAll(shutDown);
    this.#putters.wakeAll(() => {
      throw new ShutDown();
    });
  }

  /** Takes items until the queue is shut down and empty; for the synchronous code of a task. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    try {
      for (;;) yield this.get();
    } catch (error) {
      if (!(error instanceof ShutDown)) throw error;
    }
  }

  /** Takes items until the queue is shut down and empty. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) yield await this.getAsync();
    } catch (error) {
      if (!(error instanceof ShutDown)) throw error;
    }
  }

  /** @internal How many wait for an item. */
  get waiting(): number {
    return this.#getters.size;
  }

  /** @internal */
  [inspectAs](): string {
    return inLine(this, () => {
      const ended = this.#isShutDown ? ', shut down' : '';
      return `${this.#fill()}, ${this.#getters.size} waiting to get, ${this.#putters.size} to put${ended}`;
    });
  }

  #fill(): string {
    return this.maxsize > 0 ? `${this.qsize()}/${this.maxsize}` : `${this.qsize()}`;
  }

  #offer(item: T): boolean {
    if (this.#isShutDown) throw new ShutDown();
    if (this.#getters.size > 0) requireStackToGive();
    // A task waits for an item: then there is none in the queue.
    const getter = this.#getters.take();
    this.#items.note();
    if (getter !== undefined) getter.wake(item);
    else if (this.full()) return false;
    else this.#store.add(item);
    this.#unfinished++;
    return true;
  }

  #finishPut(outcome: Outcome<() => void>): void {
    if (outcome === timedOut) throw new Full(this.maxsize);
    outcome();
  }

  #poll(): T | typeof nothing {
    if (this.#store.size === 0) {
      if (this.#isShutDown) throw new ShutDown();
      return nothing;
    }
    if (this.#putters.size > 0) requireStackToGive();
    const item = this.#store.remove();
    this.#roomFor.note();
    this.#letIn();
    return item;
  }

  // The room belongs to the task that has waited longest for it. An item that the store does not take is its putter's problem.
  #letIn(): void {
    for (let putter = this.#putters.take(); putter !== undefined; putter = this.#putters.take()) {
      try {
        this.#store.add(putter.payload);
      } catch (error) {
        putter.wake(() => {
          throw error;
        });
        continue;
      }
      this.#unfinished++;
      putter.wake(isIn);
      return;
    }
  }

  #finish(count: number): void {
    this.#unfinished -= count;
    if (this.#unfinished === 0) this.#joiners.wakeAll(undefined);
  }
}

function isIn(): void {}

function finishGet<T>(outcome: Outcome<T | typeof shutDown>): T {
  if (outcome === timedOut) throw new Empty();
  if (outcome === shutDown) throw new ShutDown();
  return outcome;
}

/** Last in, first out. See {@link Queue}. @see CPython `queue.LifoQueue` */
export class LifoQueue<T> extends Queue<T> {
  /** @param maxsize - how many items it holds at most; 0 or less: any number */
  constructor(maxsize = 0) {
    super(maxsize);
  }

  protected override createStore(): Store<T> {
    return new LifoStore();
  }
}

/** The least item first; of equal ones that which was put first. See {@link Queue}. @see CPython `queue.PriorityQueue` */
export class PriorityQueue<T> extends Queue<T> {
  #compare: Compare<T> | undefined;

  /**
   * @param maxsize - how many items it holds at most; 0 or less: any number
   * @param compare - negative if its first argument comes first; must not suspend. Without it numbers, strings, bigints
   *   and Dates have their natural order, and arrays that of Python's tuples: element by element
   */
  constructor(maxsize = 0, compare?: Compare<T>) {
    if (compare !== undefined) requireFunction('new PriorityQueue(…, compare)', compare);
    super(maxsize);
    this.#compare = compare;
  }

  protected override createStore(): Store<T> {
    return new PriorityStore((a, b) => (this.#compare ?? compareNaturally)(a, b));
  }
}

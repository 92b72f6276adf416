// Where queues keep their items: a ring, a stack, a heap.
import { describe, kindOf } from '../../base/describe.js';
import { invalidArgument } from '../../base/errors.js';
import { pop, push } from '../../base/primordials.js';
import { withoutSuspension } from '../../suspension/portal.js';
import { requireStackToGive } from '../../suspension/stack-room.js';

/** Where a queue keeps its items, and in what order it gives them back. */
export interface Store<T> {
  /** How many items it holds. */
  readonly size: number;
  /** Adds an item, or throws and changes nothing. */
  add(item: T): void;
  /** Removes the next one, or throws and changes nothing; only if there is one. */
  remove(): T;
}

const SLOTS = 16;

/** First in, first out: a ring. */
export class FifoStore<T> implements Store<T> {
  #slots: (T | undefined)[] = slots(SLOTS);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    if (this.#size === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#size) & (this.#slots.length - 1)] = item;
    this.#size++;
  }

  remove(): T {
    const item = this.#slots[this.#head] as T;
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#size--;
    // Memory that a burst took is given back after it.
    if (this.#size === 0 && this.#slots.length > 64 * SLOTS) {
      this.#slots = slots(SLOTS);
      this.#head = 0;
    }
    return item;
  }

  #grow(): void {
    const before = this.#slots;
    const after: (T | undefined)[] = slots(before.length * 2);
    for (let i = 0; i < before.length; i++) after[i] = before[(this.#head + i) & (before.length - 1)];
    this.#slots = after;
    this.#head = 0;
  }
}

// The number is a power of two.
function slots<T>(count: number): (T | undefined)[] {
  const made: (T | undefined)[] = [];
  for (let i = 0; i < count; i++) made[i] = undefined;
  return made;
}

/** Last in, first out. */
export class LifoStore<T> implements Store<T> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    push(this.#items, item);
  }

  remove(): T {
    return pop(this.#items) as T;
  }
}

/** Negative if `a` comes before `b`, positive if after. */
export type Compare<T> = (a: T, b: T) => number;

interface Entry<T> {
  readonly item: T;
  /** Of those that are equal the first comes first. */
  readonly turn: number;
}

/** The least first: a binary heap. The comparisons come first and the changes after, since `compare` may throw. */
export class PriorityStore<T> implements Store<T> {
  readonly #compare: Compare<T>;
  readonly #heap: Entry<T>[] = [];
  #turns = 0;

  constructor(compare: Compare<T>) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#heap.length;
  }

  add(item: T): void {
    requireStackToGive();
    const heap = this.#heap;
    const entry = { item, turn: this.#turns++ };
    const path = this.#inOneGo(() => {
      const up = [heap.length];
      for (let at = heap.length; at > 0; push(up, at)) {
        const parent = (at - 1) >> 1;
        if (!this.#isBefore(entry, heap[parent] as Entry<T>)) break;
        at = parent;
      }
      return up;
    });
    this.#place(entry, path);
  }

  remove(): T {
    requireStackToGive();
    const heap = this.#heap;
    const first = heap[0] as Entry<T>;
    const last = heap[heap.length - 1] as Entry<T>;
    const size = heap.length - 1;
    const path = this.#inOneGo(() => {
      const down = [0];
      for (let at = 0; 2 * at + 1 < size; push(down, at)) {
        const left = 2 * at + 1;
        const right = left + 1;
        const least =
          right < size && this.#isBefore(heap[right] as Entry<T>, heap[left] as Entry<T>) ? right : left;
        if (!this.#isBefore(heap[least] as Entry<T>, last)) break;
        at = least;
      }
      return down;
    });
    heap.length = size;
    if (size > 0) this.#place(last, path);
    return first.item;
  }

  // Each entry on the path moves one place towards its beginning; what is placed comes to its end.
  #place(entry: Entry<T>, path: number[]): void {
    const heap = this.#heap;
    for (let i = 0; i + 1 < path.length; i++)
      heap[path[i] as number] = heap[path[i + 1] as number] as Entry<T>;
    heap[path[path.length - 1] as number] = entry;
  }

  // Another task, if `compare` suspended, would find a heap that is none, or change it under our hands.
  #inOneGo<R>(fn: () => R): R {
    return withoutSuspension(fn, 'a PriorityQueue compares its items');
  }

  #isBefore(a: Entry<T>, b: Entry<T>): boolean {
    return (this.#compare(a.item, b.item) || a.turn - b.turn) < 0;
  }
}

/**
 * The natural order: numbers, strings, bigints, Dates and what has a `valueOf()` by `<`; arrays element by element, as
 * Python's tuples, so that `[priority, item]` works.
 * @throws TypeError `AEVENT_NOT_COMPARABLE`
 */
export function compareNaturally(a: unknown, b: unknown): number {
  if (Array.isArray(a) && Array.isArray(b)) {
    const length = Math.min(a.length, b.length);
    for (let i = 0; i < length; i++) {
      const order = a[i] === b[i] ? 0 : compareNaturally(a[i], b[i]);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  }
  const x = primitiveOf(a);
  const y = primitiveOf(b);
  if (x !== undefined && y !== undefined && (typeof x === 'string') === (typeof y === 'string')) {
    if (x < y) return -1;
    if (x > y) return 1;
    // biome-ignore lint/suspicious/noDoubleEquals: 1 and 1n are equal, NaN is not even to itself
    if (x == y) return 0;
  }
  throw invalidArgument(
    'AEVENT_NOT_COMPARABLE',
    `A PriorityQueue cannot tell which of ${shown(a)} and ${shown(b)} comes first. ` +
      'Give it a compare function.',
  );
}

function primitiveOf(value: unknown): number | bigint | string | undefined {
  const primitive: unknown =
    typeof value === 'object' && value !== null && typeof value.valueOf === 'function'
      ? value.valueOf()
      : value;
  return typeof primitive === 'number' || typeof primitive === 'bigint' || typeof primitive === 'string'
    ? primitive
    : undefined;
}

function shown(value: unknown): string {
  return typeof value === 'object' && value !== null ? `an object (${kindOf(value)})` : describe(value);
}

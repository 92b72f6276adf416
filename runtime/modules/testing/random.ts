// Repeatable chance for tests.
import { checked } from './checked.js';

/** Numbers that look like chance, and are the same again for the same seed. */
export class Random {
  /** The seed that it began with. */
  readonly seed: number;
  #state: number;

  /**
   * @param seed - an integer; its lowest 32 bits count
   * @throws TypeError `AEVENT_INVALID_OPTIONS` for what is none
   */
  constructor(seed: number) {
    this.seed = checked('A seed', 'an integer', seed);
    this.#state = seed | 0;
  }

  /** A number >= 0 and < 1. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  /** An integer >= 0 and < `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of the items; of none, undefined. */
  pick<T>(items: readonly [T, ...T[]]): T;
  pick<T>(items: readonly T[]): T | undefined;
  pick<T>(items: readonly T[]): T | undefined {
    return items[this.below(items.length)];
  }
}

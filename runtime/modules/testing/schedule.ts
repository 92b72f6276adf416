// `RandomSchedule`: tasks become ready in an order that a seed decides.
import { globals } from '../../base/builtins.js';
import { type Scheduler, scheduler, setScheduler } from '../../base/scheduler.js';
import { hasPortal } from '../../suspension/portal.js';
import { suspend } from '../../suspension/suspension.js';
import { checked } from './checked.js';
import { Random } from './random.js';

/** Options of {@link RandomSchedule}. */
export interface RandomScheduleOptions {
  /**
   * How probably a call lets other tasks go first that may suspend but need not: an acquire() of a free lock, say.
   * Default: 0.5.
   */
  interleave?: number;
}

/**
 * Has the tasks that could go on do so in an order drawn from a seed, one in each turn of the event loop. The same seed
 * gives the same order, as long as nothing but tasks and a `MockClock` has a say. It is for looking for interleavings
 * that a program does not stand.
 * @see trio, whose scheduler shuffles each batch of tasks
 */
export class RandomSchedule implements Scheduler {
  readonly #random: Random;
  readonly #interleave: number;
  readonly #ready: (() => void)[] = [];

  /**
   * @param seed - an integer
   * @throws TypeError `AEVENT_INVALID_OPTIONS` for another; and for an `interleave` that is no probability
   */
  constructor(seed: number, { interleave = 0.5 }: RandomScheduleOptions = {}) {
    this.#random = new Random(seed);
    this.#interleave = checked('RandomSchedule: interleave', 'a number from 0 to 1', interleave);
  }

  /** Puts the schedule in force until the result is disposed: `using _ = new RandomSchedule(seed).install();`. */
  install(): Disposable {
    const before = scheduler();
    setScheduler(this);
    return { [Symbol.dispose]: () => setScheduler(before) };
  }

  /** See `Scheduler.ready`. */
  ready(go: () => void): void {
    this.#ready.push(go);
    if (this.#ready.length === 1) globals.setImmediate(() => this.#step());
  }

  /** See `Scheduler.interleave`. */
  interleave(what: string): void {
    if (!hasPortal() || !this.#random.chance(this.#interleave)) return;
    suspend<void>(what, (wait) => {
      globals.queueMicrotask(() => wait.resolve());
      return undefined;
    });
  }

  // One at a time: what it wakes before it suspends again takes part in the next drawing.
  #step(): void {
    const at = this.#random.below(this.#ready.length);
    const go = this.#ready[at] as () => void;
    const last = this.#ready.pop() as () => void;
    if (at < this.#ready.length) this.#ready[at] = last;
    if (this.#ready.length > 0) globals.setImmediate(() => this.#step());
    go();
  }
}

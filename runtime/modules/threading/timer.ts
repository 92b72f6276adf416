// `Timer`, as in Python's `threading`.
import { requireFunction } from '../../base/errors.js';
import { timeoutFrom } from '../../base/timeout.js';
import { Event } from './event.js';
import { Thread } from './thread.js';

/**
 * A thread that calls a function after some time, unless it is cancelled before.
 * @see CPython `threading.Timer`
 */
export class Timer<A extends unknown[] = unknown[]> extends Thread<A> {
  readonly #intervalMs: number;
  readonly #call: () => unknown;
  readonly #finished = new Event('Timer');

  /**
   * @param intervalMs - milliseconds from the start to the call
   * @param fn - called with `args` in the timer's own task
   */
  constructor(intervalMs: number, fn: (...args: A) => unknown, args?: A) {
    requireFunction('new Timer()', fn);
    super();
    this.#intervalMs = timeoutFrom('Timer', intervalMs);
    this.#call = () => Reflect.apply(fn, undefined, args ?? []);
  }

  /** Stops the timer while it waits; later it does nothing. Never a checkpoint. */
  cancel(): void {
    this.#finished.set();
  }

  override run(): unknown {
    if (this.#finished.wait(this.#intervalMs)) return undefined;
    this.#finished.set();
    return this.#call();
  }
}

// `MockClock`: time that a test moves.
import { globals } from '../../base/builtins.js';
import { type Clock, setClock, systemClock } from '../../base/clock.js';
import { switches } from '../../tasks/info.js';
import { checked } from './checked.js';

/** Options of {@link MockClock}. */
export interface MockClockOptions {
  /** How many milliseconds of the clock pass in a real one. Default: 0, it stands still. */
  rate?: number;
  /**
   * When nothing has run for so many real milliseconds, the clock jumps to its next timer. 0: as soon as the event loop
   * has nothing to do. Default: Infinity, never.
   */
  autojumpThresholdMs?: number;
}

interface Timer {
  readonly deadline: number;
  readonly expired: () => void;
}

/**
 * A clock for tests: it stands still until it is told to go on, and so makes a program with long sleeps and time-outs
 * run at once, and the same each time. It is what aevent's own waits go by (`sleepSync`, time-outs, deadlines); Node's
 * timers stay with real time. It does not know of files, sockets and children that are under way: an
 * {@link autojumpThresholdMs} of 0 jumps over them.
 * @see trio `trio.testing.MockClock`
 */
export class MockClock implements Clock {
  #rate: number;
  #autojumpThresholdMs: number;
  /** The clock's time at a real time; it goes on from there. */
  #shown = 0;
  #shownAt: number = systemClock.now();
  /** By deadline, and of one deadline in the order of their starts. */
  readonly #timers: Timer[] = [];
  #stop: (() => void) | undefined;

  /** @throws TypeError `AEVENT_INVALID_OPTIONS` for what is no number >= 0 */
  constructor({ rate = 0, autojumpThresholdMs = Number.POSITIVE_INFINITY }: MockClockOptions = {}) {
    this.#rate = notNegative('rate', rate);
    this.#autojumpThresholdMs = notNegative('autojumpThresholdMs', autojumpThresholdMs);
  }

  /** Puts the clock in force until the result is disposed: `using _ = clock.install();`. */
  install(): Disposable {
    const before = setClock(this);
    return {
      [Symbol.dispose]: () => {
        setClock(before);
      },
    };
  }

  /** Milliseconds since the clock was made, as it goes. */
  now(): number {
    return this.#shown + this.#rate * (systemClock.now() - this.#shownAt);
  }

  /** How many milliseconds of the clock pass in a real one. Settable at any time. */
  get rate(): number {
    return this.#rate;
  }

  set rate(value: number) {
    this.#show(this.now());
    this.#rate = notNegative('rate', value);
    this.#wind();
  }

  /** See {@link MockClockOptions}. Settable at any time. */
  get autojumpThresholdMs(): number {
    return this.#autojumpThresholdMs;
  }

  set autojumpThresholdMs(value: number) {
    this.#autojumpThresholdMs = notNegative('autojumpThresholdMs', value);
    this.#wind();
  }

  /**
   * Moves the clock forward. Not a checkpoint: whose time has come is called when the event loop turns, and has run
   * before a `checkpoint()` that follows returns.
   * @param ms - milliseconds, finite and >= 0
   * @throws TypeError `AEVENT_INVALID_OPTIONS`
   */
  jump(ms: number): void {
    checked('MockClock: jump', 'a number >= 0, and finite', ms);
    this.#show(this.now() + ms);
    this.#wind();
  }

  /** See `Clock.startTimer`. */
  startTimer(delayMs: number, expired: () => void): () => void {
    // There is nothing to jump to; but it holds the event loop, as the contract says.
    if (delayMs === Number.POSITIVE_INFINITY) return systemClock.startTimer(delayMs, expired);
    const timer = { deadline: this.now() + delayMs, expired };
    const later = this.#timers.findIndex(({ deadline }) => deadline > timer.deadline);
    this.#timers.splice(later < 0 ? this.#timers.length : later, 0, timer);
    this.#wind();
    return () => {
      const at = this.#timers.indexOf(timer);
      if (at < 0) return;
      this.#timers.splice(at, 1);
      this.#wind();
    };
  }

  #show(time: number): void {
    this.#shownAt = systemClock.now();
    this.#shown = time;
  }

  // Sees to it that the next timer is called when its time comes.
  #wind(): void {
    this.#stop?.();
    this.#stop = undefined;
    const next = this.#timers[0];
    if (next === undefined) return;
    const leftMs = next.deadline - this.now();
    if (leftMs <= 0) {
      const immediate = globals.setImmediate(() => this.#callDue());
      this.#stop = () => globals.clearImmediate(immediate);
      return;
    }
    const stops: (() => void)[] = [];
    if (this.#rate > 0) stops.push(systemClock.startTimer(leftMs / this.#rate, () => this.#wind()));
    if (this.#autojumpThresholdMs < Number.POSITIVE_INFINITY) {
      stops.push(
        whenIdle(this.#autojumpThresholdMs, () => this.jump(Math.max(0, next.deadline - this.now()))),
      );
    }
    this.#stop = () => {
      for (const stop of stops) stop();
    };
  }

  #callDue(): void {
    this.#stop = undefined;
    const time = this.now();
    const due = this.#timers.filter(({ deadline }) => deadline <= time);
    try {
      for (const timer of due) {
        // One that came before may have stopped it.
        const at = this.#timers.indexOf(timer);
        if (at < 0) continue;
        this.#timers.splice(at, 1);
        timer.expired();
      }
    } finally {
      this.#wind();
    }
  }
}

// Calls `idle` once the event loop has turned, or so many milliseconds have passed, without a task or a microtask
// having run.
function whenIdle(thresholdMs: number, idle: () => void): () => void {
  let seen = -1;
  let stop = (): void => {};
  const look = (): void => {
    const before = seen;
    seen = switches();
    if (seen === before) idle();
    else again();
  };
  const again = (): void => {
    if (thresholdMs > 0) {
      stop = systemClock.startTimer(thresholdMs, look);
    } else {
      const immediate = globals.setImmediate(look);
      stop = () => globals.clearImmediate(immediate);
    }
  };
  if (thresholdMs > 0) seen = switches();
  again();
  return () => stop();
}

function notNegative(what: string, value: number): number {
  return checked(`MockClock: ${what}`, 'a number >= 0', value);
}

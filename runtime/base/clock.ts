// Time as tasks see it. Deadlines, sleeps and time-outs all go through here, so that a test can put a clock of its own
// in the place of Node's (see testing/).
import { builtin, globals } from './builtins.js';

// Loaded when the time is first asked for: Node takes 2 ms for it, and a start-up does without.
let timing: typeof import('node:perf_hooks') | undefined;

/** Node's timers take no more: a longer delay would become 1 ms. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Where the time comes from. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /**
   * Calls `expired` once, from the event loop, after `delayMs`.
   * @param delayMs - milliseconds, >= 0; Infinity never expires but keeps the event loop alive
   * @returns stops the timer
   */
  startTimer(delayMs: number, expired: () => void): () => void;
}

/** Node's monotonic clock and timers, with any delay. */
export const systemClock: Clock = {
  now() {
    timing ??= builtin<typeof import('node:perf_hooks')>('perf_hooks');
    return timing.performance.now();
  },
  startTimer(delayMs, expired) {
    let timer: NodeJS.Timeout;
    const startFor = (leftMs: number): void => {
      timer =
        leftMs > MAX_DELAY_MS
          ? globals.setTimeout(() => startFor(leftMs - MAX_DELAY_MS), MAX_DELAY_MS)
          : globals.setTimeout(expired, leftMs);
    };
    startFor(delayMs);
    return () => globals.clearTimeout(timer);
  },
};

let current = systemClock;

/** Milliseconds since some fixed moment; never goes back. */
export function now(): number {
  return current.now();
}

/** Calls `expired` once after `delayMs` of the clock in force; gives what stops it. See {@link Clock.startTimer}. */
export function startTimer(delayMs: number, expired: () => void): () => void {
  return current.startTimer(delayMs, expired);
}

/** Puts another clock in force; gives the one that was. Timers already started stay with the clock that has them. */
export function setClock(clock: Clock): Clock {
  const before = current;
  current = clock;
  return before;
}

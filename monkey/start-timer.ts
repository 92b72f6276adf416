import { builtin } from '../runtime/builtins.js';

const { setTimeout, clearTimeout } = builtin<typeof import('node:timers')>('timers');

/** Node's timers take no more: a longer delay would become 1 ms. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * Calls `expired` after `delayMs`, however long that is, with Node's own timers.
 * @param delayMs - milliseconds, >= 0; Infinity never expires but keeps the event loop alive
 * @returns stops the timer
 */
export function startTimer(delayMs: number, expired: () => void): () => void {
  let timer: NodeJS.Timeout;
  const startFor = (leftMs: number): void => {
    timer =
      leftMs > MAX_DELAY_MS
        ? setTimeout(() => startFor(leftMs - MAX_DELAY_MS), MAX_DELAY_MS)
        : setTimeout(expired, leftMs);
  };
  startFor(delayMs);
  return () => clearTimeout(timer);
}

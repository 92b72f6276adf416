import { setImmediate as immediate } from 'node:timers/promises';
import { await_, call } from '../../dist/runtime/index.js';

/** Suspends the current task until the event loop has turned, which lets every other task run. */
export function pause(turns = 1): void {
  for (let turn = 0; turn < turns; turn++) await_(immediate());
}

/** The value, after a {@link pause}. */
export function paused<T>(value: T, turns = 1): T {
  pause(turns);
  return value;
}

/** Lets the event loop turn, in async code. */
export async function turn(turns = 1): Promise<void> {
  for (let i = 0; i < turns; i++) await immediate();
}

/**
 * Runs `body` in a microtask of its own, so that what it does to its async context stays in there; in no task.
 */
export async function apart<T>(body: () => T | Promise<T>): Promise<T> {
  await null;
  return body();
}

/** Runs as many tasks at once, and gives their results in order. */
export function together<T>(count: number, body: (index: number) => T): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => call(() => body(index))));
}

/** What `fn` throws; fails if it returns. */
export function thrownBy(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new Error(`${fn} did not throw`);
}

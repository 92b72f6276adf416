// The way from a listener of 'exit' to exit.ts, which a program that has no task need not load.
import type { Context } from './context.js';

type DuringExit = <T>(context: Context, name: string, fn: () => T) => T;

let implementation: DuringExit = (_context, _name, fn) => fn();

/** Tells how; done when a backend starts, without which nothing suspends. */
export function provideDuringExit(does: DuringExit): void {
  implementation = does;
}

/**
 * Runs `fn` to its end in a listener of 'exit', though it may suspend; in `context`, but in a scope of its own, which
 * is cancelled when the time is over.
 * @param name - of the handler, as stderr is told then
 */
export function duringExit<T>(context: Context, name: string, fn: () => T): T {
  return implementation(context, name, fn);
}

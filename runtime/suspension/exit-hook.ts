// The way from what waits while the process is exiting to exit-listeners.ts, which a program that has no task need not load.
import { builtin } from '../base/builtins.js';
import type { Context } from './context.js';

type DuringExit = <T>(context: Context, name: string, fn: () => T) => T;

interface Implementation {
  readonly run: DuringExit;
  /** True while something that suspends is run to its end. */
  readonly isRunning: () => boolean;
}

let implementation: Implementation | undefined;

/** Tells how; done when a backend starts, without which nothing suspends. */
export function provideDuringExit(does: Implementation): void {
  implementation = does;
}

/**
 * Runs `fn` to its end in a listener of 'exit', though it may suspend; in `context`, but in a scope of its own, which
 * is cancelled when the time is over.
 * @param name - of the handler, as stderr is told then
 */
export function duringExit<T>(context: Context, name: string, fn: () => T): T {
  return implementation === undefined ? fn() : implementation.run(context, name, fn);
}

const process = builtin<typeof import('node:process') & { _exiting?: boolean }>('process');
const getExiting = Reflect.getOwnPropertyDescriptor(process, '_exiting')?.get;
const { apply } = Reflect;

/** True while the process is exiting: while its 'exit' listeners are called. */
export const isExiting = (): boolean =>
  (getExiting === undefined ? process._exiting : apply(getExiting, process, [])) === true;

/**
 * True while the process is exiting and no {@link duringExit} is on: in what a program has put around the listeners of
 * 'exit', by a process.emit() or process.reallyExit() of its own. A wait there needs a duringExit of its own.
 */
export const isExitingBare = (): boolean => isExiting() && implementation?.isRunning() === false;

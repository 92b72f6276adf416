import { builtin } from '../../base/builtins.js';
import { describe, inspect } from '../../base/describe.js';
import { requireFunction } from '../../base/errors.js';
import type { Thread } from './thread.js';

const process = builtin<typeof import('node:process')>('process');

/** What {@link excepthook} is told. */
export interface ExceptHookArgs {
  /** What the thread's `run()` threw. */
  readonly error: unknown;
  /** The thread that ends by it. */
  readonly thread: Thread;
}

/** Called, as the last thing in a thread's task, with the error that ends it. */
export type ExceptHook = (args: ExceptHookArgs) => void;

/**
 * The hook that is in force unless {@link setExcepthook} put another one there: prints the error to stderr.
 * @see CPython `threading.excepthook`
 */
export function excepthook({ error, thread }: ExceptHookArgs): void {
  process.stderr.write(`Exception in thread ${describe(thread.name)}:\n${inspect(error)}\n`);
}

let current: ExceptHook = excepthook;

/** Has `hook` be called with the errors that end threads; gives the one that was. */
export function setExcepthook(hook: ExceptHook): ExceptHook {
  requireFunction('setExcepthook()', hook);
  const before = current;
  current = hook;
  return before;
}

/** Never throws: an error of the hook's own is printed, after the thread's. */
export function callExcepthook(args: ExceptHookArgs): void {
  try {
    current(args);
  } catch (error) {
    excepthook(args);
    process.stderr.write(`Exception in threading.excepthook:\n${inspect(error)}\n`);
  }
}

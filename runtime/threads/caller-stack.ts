// The stack of an error from another thread: where it was thrown there, then where the thread was called here.
import { exec, part, startsWith } from '../base/primordials.js';
import { fromProgramOn } from '../base/stacks.js';

/** Adds where the caller stands to the stack of an error from another thread. */
export function showCallerOf(error: unknown): void {
  if (!(error instanceof Error)) return;
  try {
    const { stack } = error;
    if (typeof stack !== 'string') return;
    const here = fromProgramOn(new Error().stack ?? '');
    const ofThread = exec(/^[\s\S]*?(?=\n {4}at [^\n]*[\\/]runtime[\\/]threads[\\/]|$)/, stack)?.[0] ?? stack;
    const value = startsWith(here, '    at') ? `${ofThread}\n${part(here, 0, here.length - 1)}` : ofThread;
    Object.defineProperty(error, 'stack', { value, writable: true, configurable: true, enumerable: false });
  } catch {
    // It is frozen.
  }
}

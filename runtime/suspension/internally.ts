// Code of Node's, and of aevent's own, that registers listeners and makes emitters and EventTargets: none of them is the program's.
// Guarded by test/monkey/made-then-listened.test.ts and test/loader/in-thread.test.ts.
import { isOnCarrier } from './native-core.js';

let internally = 0;

/**
 * Runs Node's own code with its listeners left as they are: a constructor that registers on the object it makes.
 * Functions that a program gave it go through `listening()` first (monkey/kit/emitter-listeners.ts).
 */
export function asInternal<T>(fn: () => T): T {
  beginInternal();
  try {
    return fn();
  } finally {
    endInternal();
  }
}

/** The beginning of {@link asInternal}, for a constructor that must call `super()` itself. */
export function beginInternal(): void {
  internally++;
}

/** The end of it. */
export function endInternal(): void {
  internally--;
}

// On the main stack it is Node that registers: a program's code there belongs to no task, or is Node's own callback.
/** True where Node itself registers listeners, or makes emitters. */
export const isNodes = (): boolean => internally > 0 || !isOnCarrier();

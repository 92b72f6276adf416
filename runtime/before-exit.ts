import type { Context } from './context.js';
import { runOnStack } from './context.js';
import { enterInPlace, isOnCarrier, turnLoop } from './suspension.js';

/**
 * Runs a listener of 'beforeExit' to its end, though it may suspend. Node emits that event again whenever the loop has had
 * something to do since: that a listener was suspended would count, and one that suspends each time would be called
 * for ever. So the loop is turned from here, until the listener has ended; what it leaves to be done counts as always.
 * One that nothing can resume is left, and the process ends with a report of the deadlock.
 */
export function duringBeforeExit(context: Context, fn: () => unknown): unknown {
  if (isOnCarrier()) return fn();
  let ended = false;
  const result = enterInPlace(() => {
    try {
      return runOnStack(context.entered(), fn);
    } finally {
      ended = true;
    }
  }, context.scope);
  const hasEnded = (): boolean => ended;
  while (!hasEnded() && turnLoop());
  return result;
}

// Listeners of 'beforeExit' that suspend.
import { globals, ofProcess } from '../base/builtins.js';
import type { Context } from '../suspension/context.js';
import { isOnCarrier, turnLoop } from '../suspension/native-core.js';
import { enterInPlace } from '../suspension/suspension.js';

/** Work that may be done in the very turn in which the listener ended; all other work takes longer. */
const SOON = new Set(['Timeout', 'Immediate']);

/**
 * Runs a listener of 'beforeExit' to its end, though it may suspend. Node emits that event again whenever the loop has had
 * something to do since: a suspension would count, so a listener that suspends each time would be called
 * for ever. So the loop is turned from here, until the listener has ended; what it leaves to be done counts as always.
 * One that nothing can resume is left, and the process ends with a report of the deadlock.
 */
export function duringBeforeExit(context: Context, fn: () => unknown): unknown {
  if (isOnCarrier()) return fn();
  let ended = false;
  let leftSomething = false;
  const result = enterInPlace(() => {
    try {
      return fn();
    } finally {
      ended = true;
      leftSomething = ofProcess.getActiveResourcesInfo().some((name) => SOON.has(name));
    }
  }, context.entered());
  const state = (): { ended: boolean; leftSomething: boolean } => ({ ended, leftSomething });
  if (state().ended) return result;
  while (!state().ended && turnLoop());
  // If it is done already, the event comes again all the same.
  if (state().leftSomething) globals.setImmediate(() => {});
  return result;
}

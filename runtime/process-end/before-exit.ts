// Listeners of 'beforeExit' that suspend. Node emits that event again whenever the loop has had something to do since: a
// suspension would count, so a listener that suspends each time would be called for ever. So the loop is turned below the
// listener, until that has ended; and then below a tick, until the ticks and microtasks of the listeners have ended, which
// are a part of the event in plain Node, too. What they leave to be done counts as always.
import { globals, ofProcess } from '../base/builtins.js';
import { some } from '../base/primordials.js';
import type { Context } from '../suspension/context.js';
import { core, isOnCarrier, turnLoop } from '../suspension/native-core.js';
import { enterInPlace, parkedOnCarriers, type Wait } from '../suspension/suspension.js';

/** Work that may be done in the very turn in which the last part of the event ended; all other work takes longer. */
const SOON = new Set(['Timeout', 'Immediate']);

/** The waits that were parked when the event came; undefined while it is not emitted. */
let parkedBefore: Set<Wait<unknown>> | undefined;
/** True while the event is emitted. */
export const isBeforeExit = (): boolean => parkedBefore !== undefined;
let isTickDue = false;
/** True if something was left to be done that may be done before the event is over: it comes again all the same. */
let comesAgain = false;

/**
 * Runs a listener of 'beforeExit' to its end, though it may suspend. One that nothing can resume is left, and the process
 * ends with a report of the deadlock.
 */
export function duringBeforeExit(context: Context, fn: () => unknown): unknown {
  if (isOnCarrier()) return fn();
  parkedBefore ??= parkedNow();
  let ended = false;
  const result = enterInPlace(() => {
    try {
      return fn();
    } finally {
      ended = true;
    }
  }, context.entered());
  turnWhile(() => !ended);
  if (!isTickDue) globals.nextTick(endTicks);
  isTickDue = true;
  return result;
}

/** Ends what the listeners of this event have left to ticks and microtasks. */
function endTicks(): void {
  isTickDue = false;
  core.binding?.runDue(false, false);
  if (!comesAgain) turnWhile(isAnyParkedSince);
  if (comesAgain) globals.setImmediate(() => {});
  comesAgain = false;
  parkedBefore = undefined;
}

function parkedNow(): Set<Wait<unknown>> {
  const parked = new Set<Wait<unknown>>();
  parkedOnCarriers((_, wait) => parked.add(wait));
  return parked;
}

function isAnyParkedSince(): boolean {
  let isAny = false;
  parkedOnCarriers((_, wait) => {
    if (parkedBefore?.has(wait) === false) isAny = true;
  });
  return isAny;
}

function turnWhile(isWaiting: () => boolean): void {
  let hasEnded = false;
  while (isWaiting() && !hasEnded) {
    // Comes before the timers and immediates that are made in this turn. It keeps no loop alive.
    const look = globals.setImmediate(() => {
      hasEnded = !isWaiting();
      if (hasEnded && some(ofProcess.getActiveResourcesInfo(), (name) => SOON.has(name))) comesAgain = true;
    });
    look.unref();
    const isAlive = turnLoop();
    globals.clearImmediate(look);
    if (!isAlive) break;
  }
}

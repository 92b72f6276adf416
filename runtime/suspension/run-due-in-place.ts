// Waits where nothing can be suspended: the event loop is turned inside of the call (deasync).
import { ofProcess } from '../base/builtins.js';
import { NoPortalError } from '../base/errors.js';
import { currentContext } from './context.js';
import { core, currentCarrier } from './native-core.js';
import { allowingSuspension, noPortalReason } from './portal.js';
import { requireStack } from './stack-room.js';

/**
 * Runs what is due, ticks and microtasks, on the main stack inside of this call, where nothing can be suspended; then
 * turns the event loop once if `turnLoop`, which blocks until something happens. What is run meanwhile lies on top of
 * the caller, who goes on only when that has returned.
 * @returns false if nothing is left in the loop that could happen
 * @throws {@link NoPortalError} on a carrier; and below a microtask if there is no pump, since no other one could run
 */
export function runDueInPlace(what: string, turnLoop: boolean): boolean {
  if (
    core.binding === undefined ||
    currentCarrier() !== 0 ||
    (!core.pumping && core.binding.runningMicrotasks())
  ) {
    throw new NoPortalError(what, noPortalReason(currentContext()));
  }
  requireStack();
  const native = core.binding;
  // A module that is being evaluated waits here in so many words: what others may do is their own affair.
  return allowingSuspension(() => {
    if (native.runDue(turnLoop, false)) return true;
    // Inside of a timer's callback, Node lets go of its one timer handle once a turn has run all that are due, and does
    // not take hold of it for those that are set after that. So there is no telling when nothing is left.
    return ofProcess.getActiveResourcesInfo().includes('Timeout') && native.runDue(turnLoop, true);
  });
}

// Coroutines: stacks that are entered, left and resumed by the code that holds them, and not by the hub (node-fibers).
import { NoPortalError } from '../base/errors.js';
import { Entered } from '../native/binding.js';
import { currentContext } from './context.js';
import { enterBelowDomains, leaveDomains } from './domain-stack.js';
import { core, currentCarrier } from './native-core.js';
import { beginCallback, endCallback } from './pieces.js';
import {
  type Bans,
  currentBans,
  isBuiltinInTheWay,
  isScopeInTheWay,
  noPortalReason,
  setBans,
} from './portal.js';
import { requireStack, requireStackToGive } from './stack-room.js';
import { beginStores, leaveStores } from './storage-values.js';
import { switchAway } from './suspension.js';

/** The bans in force where a coroutine was entered or resumed, by carrier. */
const takenOver: Bans[] = [];

/**
 * Enters `body` now, on a carrier of its own. Gives its carrier, and control back when it ends, when it calls
 * {@link leaveCoroutine}, or when it suspends. What it throws is thrown to the code that entered or resumed it last; nothing
 * does after it suspended, so that is an uncaught exception.
 * @returns one of {@link Entered}
 */
export function enterCoroutine(body: (carrier: number) => void): number {
  if (core.binding === undefined) return Entered.noCarrier;
  requireStack();
  return core.binding.enter(() => {
    const carrier = currentCarrier();
    takenOver[carrier] = currentBans();
    enterBelowDomains(carrier);
    beginStores(carrier);
    beginCallback(carrier, [], undefined);
    let returned = false;
    try {
      body(carrier);
      returned = true;
    } finally {
      endCallback(carrier, returned);
      leaveStores(carrier, !returned);
      leaveDomains(carrier, returned);
    }
  });
}

/** Goes on with a coroutine that has left, now and from here; gives control back as {@link enterCoroutine} does. */
export function resumeCoroutine(carrier: number): void {
  requireStackToGive();
  core.binding?.resume(carrier);
}

/**
 * Leaves the running coroutine: the code that entered or resumed it last goes on, at once. Returns when it is resumed. This
 * is no suspension: nothing runs in between that its caller does not run, so it is allowed where those are not.
 * @throws {@link NoPortalError} where V8 or Node would not survive it
 */
export function leaveCoroutine(what: string): void {
  requireStackToGive();
  const carrier = currentCarrier();
  const before = takenOver[carrier];
  const own = currentBans();
  if (before === undefined || own.pinned > before.pinned || isScopeInTheWay() || isBuiltinInTheWay()) {
    throw new NoPortalError(what, noPortalReason(currentContext()));
  }
  setBans(before);
  switchAway(carrier, false);
  const found = currentBans();
  takenOver[carrier] = found;
  // Its own bans hold while it runs.
  const added = own.forbidden - before.forbidden;
  if (added === 0) return;
  setBans({ ...found, forbidden: found.forbidden + added, forbiddenBy: own.forbiddenBy });
}

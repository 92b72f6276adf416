// Cheap calls stay cheap: handing a call to libuv's pool costs 15 to 25 times a cheap call, so one whose work is
// small and bounded is carried out natively, at once. Its effect has happened before anything else runs, as in plain
// Node. Only then the event loop turns, if it has to: if it has been kept for longer than maxBlockMs, and the task or
// callback that made the call has itself spent that much on such calls in this turn of the loop. So a callback that
// logs a line is not put aside because others have been slow; a walk over a tree is, and costs about what it cost before.
import { globals } from './builtins.js';
import { checkpointIfCancelled, uncancelled } from './checkpoint.js';
import { currentContext } from './context.js';
import { cpuTimeMs, currentCarrier, loopTimeMs, sinceLoopTurnMs } from './core.js';
import { describe, quoted } from './describe.js';
import { invalidArgument } from './errors.js';
import { indexOf, push, shift, splice, unshift } from './primordials.js';
import { asIfBlocking, suspendBlocking } from './stream-descriptors.js';
import { yieldToLoop } from './suspension.js';

/**
 * When the event loop turns after a cheap call. `auto`: if the caller has used up `maxBlockMs` in this turn. `always`:
 * each time. `never`: not at all.
 */
export type Policy = 'auto' | 'always' | 'never';

const policies: readonly Policy[] = ['auto', 'always', 'never'];
const byModule = new Map<string, Policy>();
let maxBlockMs = 1;

/** The policy of a module's cheap calls. */
export function policyOf(module: string): Policy {
  return byModule.get(module) ?? 'auto';
}

/**
 * Sets the policy of a module's cheap calls.
 * @throws TypeError `AEVENT_UNKNOWN_POLICY` naming the valid ones
 */
export function setPolicy(module: string, policy: unknown): void {
  if (!policies.includes(policy as Policy)) {
    throw invalidArgument(
      'AEVENT_UNKNOWN_POLICY',
      `setup({ policy }) gives '${module}' the policy ${quoted(policy)}. Valid are: ${policies.join(', ')}.`,
    );
  }
  byModule.set(module, policy as Policy);
}

/**
 * Sets how long, in milliseconds, cheap calls may keep the loop from turning.
 * @throws TypeError `AEVENT_INVALID_OPTIONS` unless it is finite and >= 0
 */
export function setMaxBlockMs(ms: unknown): void {
  if (typeof ms !== 'number' || !Number.isFinite(ms) || ms < 0) {
    throw invalidArgument(
      'AEVENT_INVALID_OPTIONS',
      `setup({ maxBlockMs }) takes finite milliseconds >= 0, not ${describe(ms)}.`,
    );
  }
  maxBlockMs = ms;
}

/**
 * Carries out a cheap native call at once; then lets the event loop turn if that is due, shielded from cancellation: the
 * caller gets the call's value or error. A checkpoint.
 * @param module - whose policy holds
 * @throws {@link Cancelled} before the call, in a cancelled scope; what `call` throws
 * @see trio `checkpoint_if_cancelled`, `cancel_shielded_checkpoint`
 */
export function cheaply<T>(module: string, call: () => T): T {
  return withTurnAfter(module, false, call, undefined, []);
}

/**
 * As {@link cheaply}, for a call with `this` and arguments.
 * @param always - a cancelled scope does not keep it from being carried out either: it gives something back, such as a
 *   descriptor. Synchronous code closes in `finally` blocks, and what a cancelled task does not close there stays open
 *   for ever
 */
export function withTurnAfter<T>(
  module: string,
  always: boolean,
  call: (...args: never[]) => T,
  self: unknown,
  args: readonly unknown[],
): T {
  const policy = policyOf(module);
  if (policy === 'never') return Reflect.apply(call, self, args as never);
  if (!always) checkpointIfCancelled();
  try {
    return Reflect.apply(call, self, args as never);
  } finally {
    if (policy === 'always' || isSpent()) uncancelled(() => letLoopTurn(module, policy));
  }
}

/** A task, or one call of a callback: each has a budget of its own. */
type Spender = object;

/** Whatever belongs to the program as a whole. */
const program: Spender = {};

/** So many times the budget may be spent, if the loop was kept by nothing else: most callbacks end before. */
const GRACE = 5;
/**
 * The budget is the processor's time: that the system gave it to other processes is not the caller's doing, and over by then.
 * Where a file system is slow it uses little, so this many times the budget, of real time, count as well.
 */
const SLOW_CALLS = 100;
/**
 * Of the time since another's call, so much of the budget counts as the caller's at most: a callback that was slow before
 * its first call spends nothing, but two tasks that wake each other do not keep the loop for ever.
 */
const SHARE_AFTER_OTHERS = 0.1;

/** Who made the last cheap call that was looked at, on which stack, and in which turn of the loop. */
let spender: Spender | undefined;
let carrier = 0;
let turnMs = Number.NaN;
/** How long the loop had been kept, and the processor's time, when the spender's began to count; less what it had spent. */
let sinceMs = 0;
let sinceCpuMs = 0;
/** How long the loop had been kept at the last look. */
let lookedMs = 0;
/** What others have spent in this turn, once the loop was kept for too long. */
const spent = new Map<Spender, number>();
/** Those that have spent their budget before. */
const spendthrifts = new WeakSet<Spender>();

/** True if the loop has been kept for too long, and the caller is the one who has used up its budget. */
function isSpent(): boolean {
  const keptMs = sinceLoopTurnMs();
  const context = currentContext();
  const caller = context?.entry ?? context?.task ?? program;
  const isLong = keptMs > maxBlockMs;
  if (caller === spender && !isLong) return false;
  count(caller, keptMs);
  if (!isLong || keptMs - sinceMs < maxBlockMs) return false;
  if (keptMs < GRACE * maxBlockMs && !spendthrifts.has(caller)) return false;
  if (cpuTimeMs() - sinceCpuMs < maxBlockMs && keptMs - sinceMs < SLOW_CALLS * maxBlockMs) return false;
  spendthrifts.add(caller);
  return true;
}

/** Makes the caller the spender. */
function count(caller: Spender, keptMs: number): void {
  const nowMs = loopTimeMs();
  const isNewTurn = nowMs !== turnMs;
  if (isNewTurn || caller !== spender || carrier !== currentCarrier()) {
    if (isNewTurn) {
      if (spent.size > 0) spent.clear();
    } else if (spender !== undefined) spent.set(spender, lookedMs - sinceMs);
    const before = spent.get(caller);
    const shareMs =
      before === undefined ? 0 : before + Math.min(keptMs - lookedMs, maxBlockMs * SHARE_AFTER_OTHERS);
    turnMs = nowMs;
    spender = caller;
    carrier = currentCarrier();
    sinceMs = keptMs - shareMs;
    sinceCpuMs = cpuTimeMs() - shareMs;
  }
  lookedMs = keptMs;
}

function letLoopTurn(module: string, policy: Policy): void {
  if (policy === 'always') asIfBlocking(() => yieldToLoop(module));
  // However many tasks wait for the loop to turn, they share what it then may be kept, were that nothing but one call.
  else for (let late = false; !takeTurn(module, late); late = true);
  spender = undefined; // its time begins to count anew
  turnMs = Number.NaN;
}

const waiting: ((first: boolean) => void)[] = [];
/** There is one as long as tasks wait, and no longer: it keeps the event loop going. */
let promised: NodeJS.Immediate | undefined;

/**
 * Suspends until the event loop has turned and it is this task's turn: those that wait are woken in order, one after
 * the other, for as long as there is time left in that turn of the loop.
 * @param late - it had been woken, but the time had run out before it came to run: it is the next one
 * @returns false if the time had run out by then, which never befalls the first one in a turn of the loop
 */
function takeTurn(what: string, late: boolean): boolean {
  const first = suspendBlocking<boolean>(what, (wait) => {
    const go = (isFirst: boolean): void => wait.resolve(isFirst);
    if (late) unshift(waiting, go);
    else push(waiting, go);
    promiseTurn();
    return () => {
      const index = indexOf(waiting, go);
      if (index >= 0) splice(waiting, index, 1);
      promiseTurn();
    };
  });
  const inTime = sinceLoopTurnMs() <= maxBlockMs;
  if (inTime) wakeNext(false);
  return inTime || first;
}

function promiseTurn(): void {
  if (waiting.length > 0) {
    promised ??= globals.setImmediate(() => {
      promised = undefined;
      wakeNext(true);
    });
  } else if (promised !== undefined) {
    globals.clearImmediate(promised);
    promised = undefined;
  }
}

function wakeNext(first: boolean): void {
  const go = shift(waiting);
  if (go === undefined) return;
  go(first);
  // Should the time run out before the next one is woken.
  promiseTurn();
}

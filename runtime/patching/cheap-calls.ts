// Cheap calls stay cheap: handing a call to libuv's pool costs 15 to 25 times a cheap call, so one whose work is
// small and bounded is carried out natively, at once. Its effect has happened before anything else runs, as in plain
// Node. Only then the event loop turns, if it has to: if it has been kept for longer than maxBlockMs, and the piece
// (pieces.ts) that made the call has itself made a great many of them in this turn. Calls are counted, and no time is taken,
// as that depends on the machine: a library that reads, changes and writes a file must never be put aside in between, while a
// walk over a tree is.
import { globals } from '../base/builtins.js';
import { describe, quoted } from '../base/describe.js';
import { invalidArgument } from '../base/errors.js';
import { checkpointIfCancelled, uncancelled } from '../cancellation/checkpoint.js';
import { asIfBlocking } from '../io/stream-descriptors.js';
import { currentCarrier, loopTimeMs, sinceLoopTurnMs } from '../suspension/native-core.js';
import { runningPiece } from '../suspension/pieces.js';
import { yieldToLoop } from '../suspension/suspension.js';
import { WaitList } from '../waiting/wait-list.js';
import { isChangingFile } from './changed-files.js';

/**
 * When the event loop turns after a cheap call. `auto`: after many of one piece, if it was kept for `maxBlockMs`. `always`:
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

/**
 * So many cheap calls of one piece, for each millisecond of the budget, are never followed by a turn, however long the loop has
 * been kept and by whatever. A library that reads, changes and writes makes some ten. Twice as many always may be.
 */
const CALLS_PER_MS = 100;

/** The cheap calls that a carrier has made since its piece, and the loop's turn, were last looked up. */
interface Calls {
  piece: number;
  turnMs: number;
  count: number;
}

const callsOf: Calls[] = [];

/**
 * True if the running piece has made more calls in this turn of the loop than any may, and the loop was kept for too long.
 * Nearly every call only counts: to ask each time took as long as a small call itself.
 */
function isSpent(): boolean {
  const carrier = currentCarrier();
  callsOf[carrier] ??= { piece: 0, turnMs: 0, count: 0 };
  const calls = callsOf[carrier];
  const most = CALLS_PER_MS * maxBlockMs;
  if (++calls.count <= most) return false;
  const piece = runningPiece(carrier);
  const turnMs = loopTimeMs();
  if (calls.piece !== piece || calls.turnMs !== turnMs) {
    calls.piece = piece;
    calls.turnMs = turnMs;
    calls.count = 1;
  }
  return calls.count > most && sinceLoopTurnMs() > maxBlockMs && !isChangingFile();
}

function letLoopTurn(module: string, policy: Policy): void {
  if (policy === 'always') asIfBlocking(() => yieldToLoop(module));
  // However many tasks wait for the loop to turn, they share what it then may be kept, were that nothing but one call.
  else for (let late = false; !takeTurn(module, late); late = true);
  const calls = callsOf[currentCarrier()];
  if (calls !== undefined) calls.count = 0; // it may make as many again
}

/** Tasks that are due to let the loop turn. They are woken with: is it the first one in this turn? */
const waiting = new WaitList<boolean>(promiseTurn);
/** There is one as long as tasks wait, and no longer: it keeps the event loop going. */
let promised: NodeJS.Immediate | undefined;

/**
 * Suspends until the event loop has turned and it is this task's turn: those that wait are woken in order, one after
 * the other, for as long as there is time left in that turn of the loop.
 * @param late - it had been woken, but the time had run out before it came to run: it is the next one
 * @returns false if the time had run out by then, which never befalls the first one in a turn of the loop
 */
function takeTurn(what: string, late: boolean): boolean {
  const first = asIfBlocking(() => waiting.wait(what, Number.POSITIVE_INFINITY, undefined, undefined, late));
  const inTime = sinceLoopTurnMs() <= maxBlockMs;
  if (inTime) wakeNext(false);
  return inTime || first === true;
}

function promiseTurn(): void {
  if (waiting.size > 0) {
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
  waiting.take()?.wake(first); // should the time run out before the next one is woken, a turn is promised
}

// Cheap calls stay cheap: handing a call to libuv's pool costs 15 to 25 times a cheap call, so one whose work is
// small and bounded runs natively, as long as the event loop has turned recently. The loop's gap is bounded, and a
// walk over a tree costs about what it cost before.
import { globals } from './builtins.js';
import { uncancelled } from './checkpoint.js';
import { sinceLoopTurnMs } from './core.js';
import { invalidArgument } from './errors.js';
import { suspend, yieldToLoop } from './suspension.js';

/**
 * `auto`: natively while the loop turned less than `maxBlockMs` ago, else it turns first. `always`: it turns before
 * each call. `never`: always natively.
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
      `setup({ policy }) gives '${module}' the policy ${JSON.stringify(policy)}. Valid are: ${policies.join(', ')}.`,
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
      `setup({ maxBlockMs }) takes finite milliseconds >= 0, not ${String(ms)}.`,
    );
  }
  maxBlockMs = ms;
}

/** Call it just before a cheap native call, where it may suspend: lets the loop turn first if that is due. */
export function cheap(module: string): void {
  const policy = policyOf(module);
  if (policy === 'never') return;
  if (policy === 'always') yieldToLoop(module);
  waitForTurn(module);
}

/**
 * As {@link cheap}, before a call that gives something back, such as a descriptor: it cannot be cancelled. Synchronous
 * code closes in `finally` blocks, and what a cancelled task does not close there stays open for ever.
 */
export function cheapRelease(module: string): void {
  const policy = policyOf(module);
  if (policy === 'always' || (policy === 'auto' && sinceLoopTurnMs() > maxBlockMs)) {
    uncancelled(() => cheap(module));
  }
}

function waitForTurn(module: string): void {
  // However many tasks wait for the loop to turn, they share what it then may be kept, were that nothing but one call.
  if (sinceLoopTurnMs() <= maxBlockMs) return;
  for (let late = false; !takeTurn(module, late); late = true);
}

const waiting: ((first: boolean) => void)[] = [];
let promised = false;

/**
 * Suspends until the event loop has turned and it is this task's turn: those that wait are woken in order, one after
 * the other, for as long as there is time left in that turn of the loop.
 * @param late - it had been woken, but the time had run out before it came to run: it is the next one
 * @returns false if the time had run out by then, which never befalls the first one in a turn of the loop
 */
function takeTurn(what: string, late: boolean): boolean {
  const first = suspend<boolean>(what, (wait) => {
    const go = (isFirst: boolean): void => wait.resolve(isFirst);
    if (late) waiting.unshift(go);
    else waiting.push(go);
    promiseTurn();
    return () => {
      const index = waiting.indexOf(go);
      if (index >= 0) waiting.splice(index, 1);
    };
  });
  const inTime = sinceLoopTurnMs() <= maxBlockMs;
  if (inTime) wakeNext(false);
  return inTime || first;
}

function promiseTurn(): void {
  if (promised) return;
  promised = true;
  globals.setImmediate(() => {
    promised = false;
    wakeNext(true);
  });
}

function wakeNext(first: boolean): void {
  const go = waiting.shift();
  if (go === undefined) return;
  go(first);
  // Should the time run out before the next one is woken.
  if (waiting.length > 0) promiseTurn();
}

// The async context of the code that has called a listener which is suspended: the next events of the emitter come in that, and not in the
// stores of the listener's own run() or enterWith(). It is that of now when the call returns there.
// Guarded by test/monkey/stores-of-streams.test.ts.
import { asyncScopeHere, type Scope } from '../base/async-scope.js';
import { currentCarrier } from './native-core.js';

/** Tells each entering of a callback from the others: a stack that is suspended may go on with another one before its caller does. */
let lastEntry = 0;
/** Those of the callbacks that the carriers were entered with last. */
const entries: number[] = [];
const waiting = new Map<number, (scope: Scope) => void>();

/** To be called where a callback is about to be entered. @returns what {@link callerGoesOn} is to be given */
export const beginEntry = (): number => ++lastEntry;

/** To be called first where it was entered. */
export function entered(carrier: number): void {
  if (waiting.size > 0) waiting.delete(entries[carrier] as number);
  entries[carrier] = lastEntry;
}

/** Hands over that of the caller of the listener that is about to be suspended for the first time. */
export function whenCallerGoesOn(take: (scope: Scope) => void): void {
  waiting.set(entries[currentCarrier()] as number, take);
}

/** To be called where a callback that was entered has returned, or was suspended. */
export function callerGoesOn(entry: number): void {
  if (waiting.size === 0) return;
  const take = waiting.get(entry);
  if (take === undefined) return;
  waiting.delete(entry);
  take(asyncScopeHere('HeldEvent'));
}

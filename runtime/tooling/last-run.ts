// The task or callback that ran last. A native call answers no interrupt before it returns, and may be the last that its caller does:
// then the stack that blocked is not seen any more, and this is what is known. Guarded by test/runtime/tooling/blocking.test.ts.
import { systemClock } from '../base/clock.js';
import { exec } from '../base/primordials.js';
import type { Context } from '../suspension/context.js';
import { type Observer, observe, unobserve } from '../suspension/observer.js';

/** The run that began last: its callback's name, or what it is of, and in what it had waited; and when it ended. 0: it has not. */
let lastName: string | undefined;
let lastContext: Context | undefined;
let lastWait: string | undefined;
let lastEndedMs = 0;

function began(context: Context, name: string | undefined, wait: string | undefined): void {
  lastContext = context;
  lastName = name;
  lastWait = wait;
  lastEndedMs = 0;
}

function ended(): void {
  lastEndedMs = systemClock.now();
}

/** Names the run that began last, unless it had ended by then; empty if none has. The same for all tasks that run one function. */
export function runSince(ms: number): string {
  if (lastEndedMs !== 0 && lastEndedMs <= ms) return '';
  const name = lastName ?? lastContext?.task?.name;
  if (name === undefined) return lastWait === undefined ? '' : `what had waited in ${lastWait}`;
  return exec(/^.*?(?=#\d+$)/s, name)?.[0] ?? name;
}

const runs: Observer = {
  begins: (_, context, callback) => began(context, callback, undefined),
  goesOn: (_, { context, what }) => began(context, undefined, what),
  suspends: ended,
  ends: ended,
  spawned() {},
  wakes() {},
  cancels() {},
  ended() {},
};

/** Watches runs, or does so no more. */
export function followRuns(on: boolean): void {
  unobserve(runs);
  if (on) observe(runs);
}

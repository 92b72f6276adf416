// Stacks that V8 keeps for each realm, or for the isolate: builtins that push something, call JavaScript, and expect to
// find it where they left it. Tasks that interleave below them end in any order. So each realm's builtins of that kind
// are replaced: this realm's when the backend starts, those of a `vm` context before its first script after that.
// Guarded by test/runtime/hazards/vm-realms.test.ts.

import { builtin } from '../base/builtins.js';
import { disguise } from '../base/disguise.js';
import { jsonStringifyMustNest } from '../base/node-features.js';
import { replaceMethod } from '../base/replace-method.js';
import { core } from '../suspension/native-core.js';
import { forbidBelow, withoutSuspension } from '../suspension/portal.js';
import { parkForEver } from '../suspension/suspension.js';
import { guardArrayJoin } from './array-join.js';
import { guardJsonStringify, suspendInJsonStringify } from './json-stringify.js';

type RunInContext = (this: unknown, context: object | null, ...args: unknown[]) => unknown;

const timed =
  'a vm script with a timeout or breakOnSigint cannot be suspended: its watchdog ends whatever runs';

const guarding = 'the builtins of a vm context are being replaced';

let started = false;
const seen = new WeakSet<object>();
/** Contexts from before the backend started. */
let early: WeakRef<object>[] = [];
function remember(context: object): void {
  if (Number.isInteger(Math.log2(early.length))) early = early.filter((other) => other.deref() !== undefined);
  early.push(new WeakRef(context));
}

let guardContext = (_context: object): void => {};

/** Gives what a script evaluates to in a context. */
type Evaluate = (source: string) => unknown;

const replacers: ((evaluate: Evaluate) => void)[] = [];

/** Has `replace` called for each `vm` context, before its first script after the first task: it has globals of its own. */
export function onContext(replace: (evaluate: Evaluate) => void): void {
  replacers.push(replace);
}

/** Has `vm` contexts watched; before the first one is made. */
export function watchRealms(): void {
  const { Script } = builtin<typeof import('node:vm')>('vm');
  // Its base class: every way to run a script in a context ends in this method.
  const prototype = Object.getPrototypeOf(Script.prototype) as { runInContext?: RunInContext };
  const original = prototype.runInContext;
  if (original === undefined) return;
  const run = (source: string, context: object): unknown =>
    Reflect.apply(original, new Script(source), [context, -1, true, false, false]);
  guardContext = (context) => {
    // A literal: what the program has given the context as its global does not matter.
    const json = jsonStringifyMustNest
      ? run("typeof JSON === 'object' ? JSON : undefined", context)
      : undefined;
    guard(Object.getPrototypeOf(run('[]', context)), json);
    for (const replace of replacers) replace((source) => run(source, context));
  };
  // It has a name: a REPL cuts an error's stack where the last function without one is.
  const runInContext = (self: unknown, args: unknown[]): unknown => {
    const [context, timeoutMs, , breakOnSigint] = args;
    if (typeof context === 'object' && context !== null && !seen.has(context)) {
      seen.add(context);
      // In one piece: another task would run a script in a context that is guarded by halves.
      if (started) withoutSuspension(() => guardContext(context), guarding);
      else remember(context);
    }
    const call = (): unknown => Reflect.apply(original, self, args);
    // The watchdog would terminate the code that runs when the time is up, not the task that is suspended.
    return timeoutMs === -1 && breakOnSigint !== true ? call() : withoutSuspension(call, timed);
  };
  const replacement = disguise(original as never, runInContext);
  if (!replaceMethod(prototype, 'runInContext', replacement)) forbidBelow('join', reasonOfVm);
}

const reasonOfVm = 'vm.Script.prototype is frozen, so contexts of `vm` cannot be watched';

/**
 * V8 empties a realm's list of the arrays that are being joined when the first of them ends (array-join.ts). So one is
 * begun that never ends: where V8 inlines toString(), no stack trace shows the join below which something suspends.
 */
function holdJoinList(join: () => string): void {
  core.binding?.enter(() => {
    const never = { toString: (): string => parkForEver() };
    Reflect.apply(join, [never], []);
  });
}

// Where a builtin cannot be replaced, what is called below it may not suspend.
function guard(array: object, json: unknown): Record<string, string> {
  const off: Record<string, string> = {};
  const joins = guardArrayJoin(array);
  if (joins !== '') {
    forbidBelow('join', joins);
    holdJoinList((array as { join: () => string }).join);
    off.suspendInArrayJoin = `off: ${joins}`;
  }
  const stringifies = typeof json === 'object' && json !== null ? guardJsonStringify(json as JSON) : '';
  if (stringifies !== '') forbidBelow('stringify', stringifies);
  return off;
}

/** Replaces them in this realm and in every `vm` context. Tells of each feature that is off. */
export function guardRealms(): Record<string, string> {
  started = true;
  const off = guard(Array.prototype, globalThis.JSON);
  for (const context of early) {
    const alive = context.deref();
    if (alive !== undefined) guardContext(alive);
  }
  early = [];
  return { ...off, suspendInJsonStringify };
}

/**
 * While `require()` evaluates a module, calls run natively: if it suspended half-way, another task that requires
 * the same module would see half of its exports (what Python's import lock is for). The entry point is exempt:
 * nobody requires it. So is what a Worker runs that is a task.
 */
import { builtin } from '../runtime/builtins.js';
import { containerOf } from '../runtime/containment.js';
import { withoutSuspension } from '../runtime/permission.js';

type Load = (this: NodeModule, filename: string) => void;

const { Module } = builtin<typeof import('node:module')>('module');
const prototype = Module.prototype as unknown as { load: Load };

let evaluateEntry = (evaluate: () => void): void => evaluate();
let maySuspend = false;
let guarded = false;

/** Runs what `require()` evaluates without suspension, unless `suspendInRequire`. May be called again. */
export function guardEvaluation(suspendInRequire = false): void {
  maySuspend = suspendInRequire;
  if (guarded) return;
  guarded = true;
  const { load } = prototype;
  prototype.load = function (filename) {
    const evaluate = (): void => Reflect.apply(load, this, [filename]);
    if (process.mainModule === this) evaluateEntry(evaluate);
    else if (maySuspend || containerOf()?.entry === filename) evaluate();
    else withoutSuspension(evaluate);
  };
}

/**
 * Has the CommonJS entry point evaluated by `run`.
 * @param run - must call its argument at once
 */
export function evaluateEntryIn(run: (evaluate: () => void) => void): void {
  evaluateEntry = run;
}

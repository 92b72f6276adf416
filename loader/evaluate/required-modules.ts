/**
 * While `require()` evaluates a module, calls run natively: if it suspended half-way, another task that requires
 * the same module would see half of its exports (what Python's import lock is for). The entry point is exempt:
 * no code requires it. So is what a Worker runs that is a task. A file that a drop-in stands for is not evaluated at all,
 * and aevent's own are loaded as ES modules, whatever else has put itself in the way of require().
 */
import { loadDropIn } from '../../monkey/registry.js';
import { builtin } from '../../runtime/base/builtins.js';
import { compilesOwn, requireOwn } from '../../runtime/base/instance.js';
import { containerOf } from '../../runtime/suspension/containment.js';
import { withoutSuspension } from '../../runtime/suspension/portal.js';
import { below } from '../resolve/below.js';
import { dropInOfFile } from '../resolve/drop-in-files.js';
import { noteEntry, ourFiles } from '../resolve/redirect.js';
import { treatments } from '../resolve/start-off-thread.js';

type Load = (this: NodeModule, filename: string) => void;

const { Module } = builtin<typeof import('node:module')>('module');
const prototype = Module.prototype as unknown as { load: Load };
const { bind } = Function.prototype;
const { fileURLToPath, pathToFileURL } = builtin<typeof import('node:url')>('url');
const isOurs = below(fileURLToPath(ourFiles));

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
    if (compilesOwn() && isOurs(filename) && filename.endsWith('.js')) {
      this.exports = requireOwn(pathToFileURL(filename));
      this.loaded = true;
      return;
    }
    const dropIn = dropInOfFile(filename);
    if (dropIn !== undefined) {
      this.exports = loadDropIn(dropIn);
      this.loaded = true;
      return;
    }
    // Bound functions are not on the stack, whose traces have ten places.
    const evaluate: () => void = Reflect.apply(bind, load, [this, filename]);
    if (process.mainModule === this) {
      noteEntry({ parentURL: undefined }, treatments);
      evaluateEntry(evaluate);
    } else if (maySuspend || containerOf()?.entry === filename) evaluate();
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

/**
 * The top level of an ES module may suspend. An importer of it must wait meanwhile: V8 ends the process when it is
 * asked to evaluate a module that is being evaluated ("Check failed: module_status == kLinked"), since without
 * suspension no importer can be asked. Guarded by test/loader/auto.test.ts.
 */
import { builtin } from '../../runtime/base/builtins.js';
import { objectInClosure } from '../../runtime/base/closure-variable.js';

interface ModuleWrap {
  getStatus(): number;
  /** By `import`. */
  evaluate(this: ModuleWrap, ...options: unknown[]): Promise<unknown>;
  /** By `require()`, which throws ERR_REQUIRE_CYCLE_MODULE itself where it would have to wait. */
  evaluateSync(this: ModuleWrap, ...options: unknown[]): unknown;
}

// v8::Module::Status, the same on all versions.
const kEvaluating = 3;

/** An evaluation that has not come to the end of its synchronous part. Few are waited for: async hooks see each promise. */
class Evaluation {
  end: () => void = () => {};
  #ended: Promise<void> | undefined;

  get ended(): Promise<void> {
    this.#ended ??= new Promise((resolve) => {
      this.end = resolve;
    });
    return this.#ended;
  }
}

const running = new Set<Evaluation>();
let guarded = false;

/** Has an import of a module that is being evaluated wait for it. Idempotent; costs a few milliseconds. */
export function guardImports(): void {
  if (guarded) return;
  guarded = true;
  const prototype = findModuleWrap();
  // A Node that keeps it elsewhere, or that does not let it be seen: everything works but for such an import.
  if (typeof prototype?.evaluate !== 'function') return;
  const { evaluate, evaluateSync } = prototype;
  prototype.evaluate = function (...options) {
    if (this.getStatus() === kEvaluating && running.size > 0) {
      return Promise.all([...running].map(({ ended }) => ended)).then(() => this.evaluate(...options));
    }
    return whileRunning(() => Reflect.apply(evaluate, this, options));
  };
  prototype.evaluateSync = function (...options) {
    return whileRunning(() => Reflect.apply(evaluateSync, this, options));
  };
}

function findModuleWrap(): ModuleWrap | undefined {
  const { register } = builtin<typeof import('node:module')>('module');
  try {
    return (objectInClosure(register, 'ModuleWrap') as { prototype: ModuleWrap } | undefined)?.prototype;
  } catch {
    return undefined; // the permission model refuses the inspector
  }
}

function whileRunning<T>(evaluate: () => T): T {
  const evaluation = new Evaluation();
  running.add(evaluation);
  try {
    return evaluate();
  } finally {
    running.delete(evaluation);
    evaluation.end();
  }
}

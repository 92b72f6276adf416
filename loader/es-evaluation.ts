/**
 * The top level of an ES module may suspend. Whoever imports it meanwhile must wait: V8 ends the process when it is
 * asked to evaluate a module that is being evaluated ("Check failed: module_status == kLinked"), since without
 * suspension nobody can ask. Guarded by test/loader/auto.test.ts.
 */
import { builtin } from '../runtime/builtins.js';

interface ModuleWrap {
  getStatus(): number;
  /** By `import`. */
  evaluate(this: ModuleWrap, ...options: unknown[]): Promise<unknown>;
  /** By `require()`, which throws ERR_REQUIRE_CYCLE_MODULE itself where it would have to wait. */
  evaluateSync(this: ModuleWrap, ...options: unknown[]): unknown;
}

// v8::Module::Status, the same on all versions.
const kEvaluating = 3;

/** Evaluations that have not come to the end of their synchronous part. */
const running = new Set<Promise<void>>();
let guarded = false;

/** Has an import of a module that is being evaluated wait for it. Idempotent; costs a few milliseconds. */
export function guardImports(): void {
  if (guarded) return;
  guarded = true;
  const { createRequire, register } = builtin<typeof import('node:module')>('module');
  // Not imported: a program without tasks needs none of it, and a file costs nearly a millisecond at start-up.
  const { objectInClosure } = createRequire(import.meta.url)('./closure.js') as typeof import('./closure.js');
  const found = objectInClosure(register, 'ModuleWrap') as { prototype: ModuleWrap } | undefined;
  // A Node that keeps it elsewhere: everything works but for such an import.
  if (typeof found?.prototype?.evaluate !== 'function') return;
  const { prototype } = found;
  const { evaluate, evaluateSync } = prototype;
  prototype.evaluate = function (...options) {
    if (this.getStatus() === kEvaluating && running.size > 0) {
      return Promise.all(running).then(() => this.evaluate(...options));
    }
    return whileRunning(() => Reflect.apply(evaluate, this, options));
  };
  prototype.evaluateSync = function (...options) {
    return whileRunning(() => Reflect.apply(evaluateSync, this, options));
  };
}

function whileRunning<T>(evaluate: () => T): T {
  let end = (): void => {};
  const whole = new Promise<void>((resolve) => {
    end = resolve;
  });
  running.add(whole);
  try {
    return evaluate();
  } finally {
    running.delete(whole);
    end();
  }
}

// Node's spawnSync, execSync and execFileSync are JavaScript around one native call, spawn() of the internal binding
// 'spawn_sync'. They check and default the arguments, emit deprecation warnings, decode the output and make the
// errors. We let them do all that, and take the place of that one call: so every message, field and default is
// Node's own, whichever Node this is.
import type { AnyFunction } from '../../../runtime/base/disguise.js';
import { childBindings } from './bindings.js';
import { runChild } from './run-child.js';

const { apply } = Reflect;

/** True from the start of one of our calls until it has reached the binding; all other calls stay native. */
let expected = false;

let isOurs = false;

/**
 * Makes a function that calls `original`, one of Node's sync functions, and suspends where that would block.
 * Where the binding can't be had (Node's permission model withholds it), it blocks, as Node does.
 */
export function throughSuspendingSpawn<F extends AnyFunction>(original: F): F {
  const ours = function (this: unknown, ...args: never[]): unknown {
    if (!isOurs) takeBinding();
    expected = true;
    try {
      return apply(original, this, args);
    } finally {
      expected = false;
    }
  };
  return ours as F;
}

function takeBinding(): void {
  isOurs = true;
  const bindings = childBindings();
  if (bindings === undefined) return;
  const { sync } = bindings;
  const { spawn } = sync;
  sync.spawn = (options) => {
    if (!expected) return spawn(options);
    expected = false;
    return runChild(bindings, options);
  };
}

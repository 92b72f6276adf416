import { builtin } from '../../runtime/builtins.js';
import { inTask } from '../../runtime/callbacks.js';
import { type AnyFunction, disguise } from '../../runtime/patch.js';
import { defineModule, type MonkeyModule, suspending } from '../define.js';
import { throughSuspendingSpawn } from './spawn-binding.js';
import { adopt } from './task-child.js';

type ChildProcessModule = typeof import('node:child_process');

const real = builtin<ChildProcessModule>('child_process');

/** `child_process`: the sync functions suspend, callbacks and listeners run in tasks, children have `waitSync()`. */
export const definition: MonkeyModule<ChildProcessModule> = defineModule('child_process', {
  implemented: {
    exec: starting(real.exec),
    execFile: starting(real.execFile),
    fork: starting(real.fork),
    spawn: starting(real.spawn),
    execFileSync: synchronous(real.execFileSync),
    execSync: synchronous(real.execSync),
    spawnSync: synchronous(real.spawnSync),
  },
});

function synchronous<F extends AnyFunction>(original: F): F {
  return suspending('child_process', original, throughSuspendingSpawn(original));
}

/** A function that starts a child and returns it. */
function starting<F extends AnyFunction>(original: F): F {
  return disguise(original, (self, args) => {
    const ours = args.map((arg) => (typeof arg === 'function' ? inTask(arg as AnyFunction) : arg));
    return adopt(Reflect.apply(original, self, ours as never));
  });
}

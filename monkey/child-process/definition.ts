import { builtin } from '../../runtime/builtins.js';
import type { AnyFunction } from '../../runtime/patch.js';
import { defineModule, type MonkeyModule, suspending } from '../define.js';
import { starting } from '../starting.js';
import { throughSuspendingSpawn } from './spawn-binding.js';
import { ChildProcessInTasks } from './task-child.js';

type ChildProcessModule = typeof import('node:child_process');

const real = builtin<ChildProcessModule>('child_process');

/** `child_process`: the sync functions suspend, callbacks and listeners run in tasks, children have `waitSync()`. */
export const definition: MonkeyModule<ChildProcessModule> = defineModule('child_process', {
  implemented: {
    ChildProcess: ChildProcessInTasks,
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

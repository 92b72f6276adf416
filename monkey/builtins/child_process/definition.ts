// The replaced `child_process`.
import type { ChildProcess } from 'node:child_process';
import { builtin } from '../../../runtime/base/builtins.js';
import { type AnyFunction, disguise } from '../../../runtime/base/disguise.js';
import { each, ownValue } from '../../../runtime/base/primordials.js';
import { replaceMethod } from '../../../runtime/base/replace-method.js';
import { followHere } from '../../../runtime/suspension/pieces.js';
import { actingAndCalling } from '../../kit/acting.js';
import { adopt } from '../../kit/adopt.js';
import { defineModule, type MonkeyModule, suspending } from '../../kit/define-module.js';
import { listening } from '../../kit/emitter-listeners.js';
import { noteDriver } from '../../kit/kin.js';
import '../net/definition.js'; // whose class a child's streams are of
import { starting } from '../../kit/emitter-factory.js';
import { throughSuspendingSpawn } from './spawn-binding.js';
import { ChildProcessInTasks } from './task-child.js';

type ChildProcessModule = typeof import('node:child_process');

const real = builtin<ChildProcessModule>('child_process');

/** `child_process`: the sync functions suspend, callbacks and listeners run in tasks, children have `waitSync()`. */
export const definition: MonkeyModule<ChildProcessModule> = defineModule('child_process', {
  implemented: {
    ChildProcess: ChildProcessInTasks,
    exec: callingBack(real.exec),
    execFile: callingBack(real.execFile),
    fork: starting(real.fork, listening, adoptChild),
    spawn: starting(real.spawn, listening, adoptChild),
    execFileSync: synchronous(real.execFileSync),
    execSync: synchronous(real.execSync),
    spawnSync: synchronous(real.spawnSync),
  },
});

/** Node calls back in a listener of its own, before the program's of the same event: they wait for the callback. */
function callingBack<F extends AnyFunction>(original: F): F {
  return disguise(original, (self, args) => {
    let child: object | undefined;
    const noted = (callback: AnyFunction): AnyFunction =>
      listening(function (this: unknown, ...results: never[]): unknown {
        if (child !== undefined) followHere(child);
        return Reflect.apply(callback, this, results);
      });
    child = Reflect.apply(starting(original, noted, adoptChild), self, args as never) as object;
    return child;
  });
}

/** The child and its streams. */
function adoptChild(made: unknown): unknown {
  const child = made as ChildProcess;
  for (const stream of each(child.stdio ?? [])) {
    adopt(stream);
    noteDriver(child, stream);
  }
  // Node makes it for a child that has a channel.
  const send = ownValue(child, 'send');
  if (typeof send === 'function') replaceMethod(child, 'send', actingAndCalling(send as AnyFunction));
  return adopt(made);
}

function synchronous<F extends AnyFunction>(original: F): F {
  return suspending('child_process', original, throughSuspendingSpawn(original));
}

// Timers whose callbacks run in tasks.
import { builtin } from '../../../runtime/base/builtins.js';
import { type AnyFunction, disguise } from '../../../runtime/base/disguise.js';
import { inTask } from '../../../runtime/suspension/in-task.js';

type Timers = typeof import('node:timers');

const real = builtin<Timers>('timers');

/**
 * Makes a function that takes a callback first and registers it to be called in a task. Not a checkpoint.
 * @param registered - makes the function to register
 */
export function callingBack<F extends AnyFunction>(original: F, registered: typeof inTask = inTask): F {
  return disguise(original, (self, args) => {
    const [callback] = args;
    if (typeof callback === 'function') args[0] = registered(callback as AnyFunction);
    return Reflect.apply(original, self, args as never);
  });
}

/** Node's `setTimeout`; the callback of an opted-in context runs in a task. */
export const setTimeout: Timers['setTimeout'] = callingBack(real.setTimeout);

/** Node's `setInterval`; the callback of an opted-in context runs in a task, a new one each time. */
export const setInterval: Timers['setInterval'] = callingBack(real.setInterval);

/** Node's `setImmediate`; the callback of an opted-in context runs in a task. */
export const setImmediate: Timers['setImmediate'] = callingBack(real.setImmediate);

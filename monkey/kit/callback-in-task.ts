// Functions whose last argument is a callback that runs in a task.
import { type AnyFunction, disguise } from '../../runtime/base/disguise.js';
import { inTask } from '../../runtime/suspension/in-task.js';

/**
 * Makes a function whose callback, the last argument if that is a function, runs in a task.
 * @param callback - what to hand over in its place
 */
export function callingBack<F extends AnyFunction>(
  original: F,
  callback: (fn: AnyFunction) => AnyFunction = inTask,
): F {
  return disguise(original, (self, args) => {
    const last = args[args.length - 1];
    if (typeof last === 'function') args[args.length - 1] = callback(last as AnyFunction);
    return Reflect.apply(original, self, args as never);
  });
}

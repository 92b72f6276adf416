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
    const at = callbackAt(args);
    if (typeof args[at] === 'function') args[at] = callback(args[at] as AnyFunction);
    return Reflect.apply(original, self, args as never);
  });
}

/** The index of the last argument that is given. A subclass may hand on arguments that it was not given itself. */
export function callbackAt(args: readonly unknown[]): number {
  let at = args.length - 1;
  while (at > 0 && args[at] === undefined) at--;
  return at;
}

// Functions that make an emitter, such as `spawn()` and `connect()`.

import { type AnyFunction, disguise } from '../../runtime/base/disguise.js';
import { map } from '../../runtime/base/primordials.js';
import { asInternal } from '../../runtime/suspension/internally.js';
import { adopt } from './adopt.js';
import { listening } from './emitter-listeners.js';
import { keepEventsOf } from './held-events.js';

/**
 * Makes a function that makes an emitter and returns it, such as `spawn` or `connect`: the emitter is adopted, and
 * functions among the arguments are listeners, which run in tasks.
 * @param callback - what becomes of a function among the arguments, if it is no ordinary listener
 * @param adopting - how the emitter is adopted, if its class is not known before
 */
export function starting<F extends AnyFunction>(
  original: F,
  callback: (fn: AnyFunction) => AnyFunction = listening,
  adopting: (made: unknown) => unknown = adopt,
): F {
  return disguise(original, (self, args) => {
    const ours = map(args, (arg) => (typeof arg === 'function' ? callback(arg as AnyFunction) : arg));
    return adopting(keepEventsOf(asInternal(() => Reflect.apply(original, self, ours as never))));
  });
}

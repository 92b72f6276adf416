// Functions of Node's that are called on the main stack, whoever calls them: under the thread backend a carrier is another
// thread to them.
import { callOnMain } from './core.js';
import { type AnyFunction, disguise } from './patch.js';

/** To the eye it is `original`. */
export function onMain<F extends AnyFunction>(original: F): F {
  return disguise(original, (self, args) => callOnMain(() => Reflect.apply(original, self, args as never)));
}

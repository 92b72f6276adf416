// Functions of Node's that are called on the main stack, from whichever stack: under the thread backend a carrier is another
// thread to them.

import { type AnyFunction, disguise } from '../base/disguise.js';
import { callOnMain } from '../suspension/native-core.js';

/** To the eye it is `original`. */
export function onMain<F extends AnyFunction>(original: F): F {
  return disguise(original, (self, args) => callOnMain(() => Reflect.apply(original, self, args as never)));
}

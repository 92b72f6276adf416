// Rule 2: the callback forms are Node's own; what they call back is entered as a task, so that it may suspend.

import type { AnyFunction } from '../../../runtime/base/disguise.js';
import { inTaskAfterPiece } from '../../../runtime/suspension/in-task.js';
import { suspending } from '../../kit/define-module.js';

/** A function of `fs` that takes a callback as its last argument. */
export function callingBack<F extends AnyFunction>(original: F): F {
  const replacement = (...args: unknown[]): unknown => {
    const at = args.findLastIndex((arg) => typeof arg === 'function');
    if (at >= 0) args[at] = inTaskAfterPiece(args[at] as AnyFunction);
    return original(...(args as never[]));
  };
  return suspending('fs', original, replacement as unknown as F);
}

// The callback forms are Node's own. Their callbacks are entered as tasks, so that they may suspend.

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

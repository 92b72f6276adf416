// Timers whose callbacks run in tasks.
import { builtin } from '../../../runtime/base/builtins.js';
import { type AnyFunction, disguise } from '../../../runtime/base/disguise.js';
import { holdCallback } from '../../../runtime/suspension/held-callbacks.js';
import { inTask, looksLike } from '../../../runtime/suspension/in-task.js';
import type { Line } from '../../../runtime/suspension/line.js';
import { lineHere } from '../../../runtime/suspension/pieces.js';

type Timers = typeof import('node:timers');

const real = builtin<Timers>('timers');

/**
 * Makes a function that takes a callback first and registers it to be called in a task. Not a checkpoint.
 * @param registered - makes the function to register
 */
export function callingBack<F extends AnyFunction>(
  original: F,
  registered: (fn: AnyFunction) => AnyFunction = inTask,
): F {
  return disguise(original, (self, args) => {
    const callback = args[0];
    if (typeof callback === 'function') args[0] = registered(callback as AnyFunction);
    return Reflect.apply(original, self, args as never);
  });
}

/** Calls of an interval's callback come one after the other where plain Node would block in them: one that comes too early waits, and no more. */
function repeatedInTask(fn: AnyFunction): AnyFunction {
  let running: Line | undefined;
  let waits = false;
  const noted = looksLike(fn, (self, args) => {
    running = lineHere();
    return Reflect.apply(fn, self, args as ArrayLike<never>);
  });
  const entered = inTask(noted, undefined, {
    mustWait: () => waits || (running !== undefined && running.blocked > 0),
    hold(enter, timer) {
      if (waits) return;
      waits = true;
      holdCallback(running as Line, () => {
        waits = false;
        // Node takes the function away from a timer that is stopped.
        if (typeof (timer as { _onTimeout?: unknown })._onTimeout === 'function') enter();
      });
    },
  });
  return entered === noted ? fn : entered;
}

/** Node's `setTimeout`; the callback of an opted-in context runs in a task. */
export const setTimeout: Timers['setTimeout'] = callingBack(real.setTimeout);

/** Node's `setInterval`; the callback of an opted-in context runs in a task, a new one each time. */
export const setInterval: Timers['setInterval'] = callingBack(real.setInterval, repeatedInTask);

/** Node's `setImmediate`; the callback of an opted-in context runs in a task. */
export const setImmediate: Timers['setImmediate'] = callingBack(real.setImmediate);

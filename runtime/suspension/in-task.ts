// Callbacks that run in tasks.
import { containerOf } from './containment.js';
import { currentContext } from './context.js';
import { holdCallback, mustWait, originHere } from './held-callbacks.js';
import { suspensionStarted } from './native-core.js';
import { enterCall, enterInPlace } from './suspension.js';

/**
 * Gives what to register in place of the callback `fn`: `fn` itself where the current context did not opt in, else a
 * function that enters `fn` in place, on a carrier of its own and in the context of the registration, so that it may
 * suspend. One that doesn't suspend has the same `this`, arguments, result and order as without aevent.
 * @param prepare - sees each argument before
 */
export function inTask<F extends (...args: never[]) => unknown>(
  fn: F,
  prepare?: (argument: unknown) => unknown,
): F {
  const context = currentContext();
  if (context === undefined || context.mode === 'outside' || !suspensionStarted() || typeof fn !== 'function')
    return fn;
  const container = containerOf(context);
  return named(fn, function (this: unknown, ...args: never[]): unknown {
    if (prepare !== undefined) for (let i = 0; i < args.length; i++) prepare(args[i]);
    if (container === undefined) return enterCall(fn, this, args, context.entered());
    const body = (): unknown => Reflect.apply(fn, this, args);
    return enterInPlace(() => container.enter(body, this), context.entered());
  });
}

/**
 * As {@link inTask}, for what is called once, when work has ended that the system or libuv's pool does: it waits while the
 * running code is suspended where plain Node blocks.
 */
export function inTaskAfterPiece<F extends (...args: never[]) => unknown>(fn: F): F {
  const entered = inTask(fn);
  const origin = entered === fn ? undefined : originHere();
  if (origin === undefined) return entered;
  return named(fn, function (this: unknown, ...args: never[]): unknown {
    if (!mustWait(origin)) return Reflect.apply(entered, this, args);
    holdCallback(origin, () => void Reflect.apply(entered, this, args));
    return undefined;
  });
}

function named<F extends (...args: never[]) => unknown>(
  fn: F,
  replacement: (...args: never[]) => unknown,
): F {
  Object.defineProperty(replacement, 'name', { value: fn.name, configurable: true });
  Object.defineProperty(replacement, 'length', { value: fn.length, configurable: true });
  return replacement as unknown as F;
}

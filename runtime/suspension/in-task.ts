// Callbacks that run in tasks.
import { containerOf } from './containment.js';
import { currentContext } from './context.js';
import { holdCallback, mustWait } from './held-callbacks.js';
import { suspensionStarted } from './native-core.js';
import { heritageHere, inherit, lineHere } from './pieces.js';
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
  order?: Order,
): F {
  const context = currentContext();
  if (context === undefined || context.mode === 'outside' || !suspensionStarted() || typeof fn !== 'function')
    return fn;
  const container = containerOf(context);
  const enter = (self: unknown, args: ArrayLike<unknown>): unknown => {
    if (container === undefined) return enterCall(fn, self, args, context.entered());
    const body = (): unknown => Reflect.apply(fn, self, args as ArrayLike<never>);
    return enterInPlace(() => container.enter(body, self), context.entered());
  };
  return looksLike(fn, (self, args) => {
    if (prepare !== undefined) for (let i = 0; i < args.length; i++) prepare(args[i]);
    if (order?.mustWait() !== true) return enter(self, args);
    order.hold(() => void enter(self, args), self);
    return undefined;
  });
}

/** As {@link inTask}, for what is called before the loop turns: it inherits what microtasks do (pieces.ts). */
export function inTaskBeforeTurn<F extends (...args: never[]) => unknown>(fn: F): F {
  const heritage = heritageHere();
  if (heritage === undefined || typeof fn !== 'function') return inTask(fn);
  const heir = looksLike(fn, (self, args) => {
    inherit(heritage);
    return Reflect.apply(fn, self, args as ArrayLike<never>);
  });
  const entered = inTask(heir);
  return entered === heir ? fn : entered;
}

/** When a callback may be entered. */
export interface Order {
  mustWait(): boolean;
  /** @param self - the `this` of the callback */
  hold(enter: () => void, self: unknown): void;
}

/**
 * As {@link inTask}, for what is called once, when work has ended that the system or libuv's pool does: it waits while the
 * running code is suspended where plain Node blocks.
 */
export function inTaskAfterPiece<F extends (...args: never[]) => unknown>(fn: F): F {
  const line = lineHere();
  if (line === undefined) return inTask(fn);
  return inTask(fn, undefined, {
    mustWait: () => mustWait(line),
    hold: (enter) => holdCallback(line, enter),
  });
}

type Body = (self: unknown, args: ArrayLike<unknown>) => unknown;
type Shape = (body: Body, name: string) => (...args: never[]) => unknown;

// A callback is registered all the time, and to define its name and length afterwards takes a microsecond. So there is a
// function for each of the usual lengths; most callbacks have no name.
/* biome-ignore-start lint/complexity/noArguments: a rest parameter does not count for the length */
const nameless: readonly Shape[] = [
  (body) =>
    function (this: unknown): unknown {
      return body(this, arguments);
    },
  (body) =>
    function (this: unknown, _: never): unknown {
      return body(this, arguments);
    },
  (body) =>
    function (this: unknown, _: never, __: never): unknown {
      return body(this, arguments);
    },
];
const named: readonly Shape[] = [
  (body, name) =>
    ({
      [name]: function (this: unknown): unknown {
        return body(this, arguments);
      },
    })[name] as () => unknown,
  (body, name) =>
    ({
      [name]: function (this: unknown, _: never): unknown {
        return body(this, arguments);
      },
    })[name] as () => unknown,
  (body, name) =>
    ({
      [name]: function (this: unknown, _: never, __: never): unknown {
        return body(this, arguments);
      },
    })[name] as () => unknown,
];
/* biome-ignore-end lint/complexity/noArguments: see above */

/** Makes a function with the name and length of `fn`. */
export function looksLike<F extends (...args: never[]) => unknown>(fn: F, body: Body): F {
  const { name, length } = fn;
  // Either may be anything.
  if (typeof name === 'string' && (length === 0 || length === 1 || length === 2))
    return ((name === '' ? nameless : named)[length] as Shape)(body, name) as F;
  const replacement = (nameless[0] as Shape)(body, '');
  Object.defineProperty(replacement, 'name', { value: name, configurable: true });
  Object.defineProperty(replacement, 'length', { value: length, configurable: true });
  return replacement as F;
}

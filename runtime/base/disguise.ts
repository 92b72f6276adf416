// Functions that look like others: name, length, properties, and whether `new` works.
import { startsWith } from './primordials.js';

const { bind } = Function.prototype;

/** Any function, whatever it takes. */
export type AnyFunction = (...args: never[]) => unknown;

/** The body of a disguised function. */
type Body = (self: unknown, args: unknown[], called: AnyFunction) => unknown;

/**
 * Makes a function with the public surface of `original` that runs `body`. Calls with `new` go to `original`.
 * @param body - gets `this`, the arguments, and the function whose frame lies below its own
 */
export function disguise<F extends AnyFunction>(original: F, body: Body): F {
  return Object.defineProperties(
    isConstructor(original) ? constructing(original, body) : calling(body),
    Object.getOwnPropertyDescriptors(original),
  ) as unknown as F;
}

// A method, unlike a function expression, cannot be called with `new`; unlike an arrow it has `this`.
function calling(body: Body): AnyFunction {
  const { method } = {
    method(this: unknown, ...args: unknown[]): unknown {
      return body(this, args, method);
    },
  };
  return method;
}

function constructing(original: AnyFunction, body: Body): AnyFunction {
  function made(this: unknown, ...args: unknown[]): unknown {
    if (new.target === undefined) return body(this, args, made);
    return Reflect.construct(original, args, new.target === made ? original : new.target);
  }
  // A bound function has no prototype.
  return Object.hasOwn(original, 'prototype') ? made : bound(made);
}

const bound = (fn: AnyFunction): AnyFunction => Reflect.apply(bind, fn, [undefined]) as AnyFunction;

function isConstructor(fn: AnyFunction): boolean {
  // A function with a prototype is a constructor; asking costs a thrown error, several milliseconds over all that is replaced.
  if (!Object.hasOwn(fn, 'prototype') && !startsWith(fn.name, 'bound ')) return false;
  try {
    Reflect.construct(Object, [], fn);
    return true;
  } catch {
    return false;
  }
}

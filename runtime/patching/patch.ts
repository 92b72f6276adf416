// A patched function has two sides and chooses at each call.

import { invalidArgument } from '../base/errors.js';
import { startsWith } from '../base/primordials.js';
import { showCaller } from '../base/stacks.js';
import { isBodyOfTask, maySuspend } from '../suspension/portal.js';
import { requireStack } from '../suspension/stack-room.js';

/** `fn[aevent.orig]`: Node's own function, or what the patch replaced. */
export const orig: unique symbol = Symbol.for('aevent.orig');
/** `fn[aevent.replacement]`: the side that suspends. */
export const replacement: unique symbol = Symbol.for('aevent.replacement');
/** `fn[aevent.select]()`: the side that a call made now would run. */
export const select: unique symbol = Symbol.for('aevent.select');

/** Any function, whatever it takes. */
export type AnyFunction = (...args: never[]) => unknown;

/** The three symbols that every patched function has. */
export interface Patched<F> {
  /** Node's own function, or what the patch replaced. */
  readonly [orig]: F;
  /** The side that suspends. */
  readonly [replacement]: F;
  /** Gives the side that a call made now would run. */
  readonly [select]: () => F;
}

/** Options of {@link patch}. */
export interface PatchOptions<F> {
  /** What runs outside of tasks and in `native()`. */
  orig: F;
  /** The result's name. Default: that of `orig`. */
  name?: string;
}

/**
 * Makes a function that runs `fn` where it may suspend, else `options.orig`; for programs that bring a suspending
 * form of a blocking function of their own. To the eye it is `orig`.
 * @throws TypeError if one of the two is no function
 * @see Python aevent `patch_`
 */
export function patch<F extends AnyFunction>(fn: F, options: PatchOptions<F>): F & Patched<F> {
  const original = options?.orig;
  if (typeof fn !== 'function' || typeof original !== 'function') {
    throw invalidArgument(
      'AEVENT_INVALID_ARGUMENT',
      'patch(fn, { orig }) takes two functions: the one that suspends, and the one that it stands for.',
    );
  }
  const made = choosing(original, fn, () => maySuspend(''));
  if (options.name !== undefined)
    Object.defineProperty(made, 'name', { value: options.name, configurable: true });
  return made;
}

/** Makes a function that looks like `original` and runs `ours` wherever `suspends()`. */
export function choosing<F extends AnyFunction>(
  original: F,
  ours: F,
  suspends: () => boolean,
): F & Patched<F> {
  const selected = (): F => (suspends() ? ours : original);
  return withVariants(
    disguise(original, (self, args, called) => {
      const chosen = selected();
      if (chosen === ours) requireStack();
      // Node prints the line of the last `throw` of what is not caught.
      if (chosen !== ours || !isBodyOfTask()) return Reflect.apply(chosen, self, args);
      try {
        return Reflect.apply(chosen, self, args);
      } catch (error) {
        showCaller(error, called);
        throw error;
      }
    }),
    original,
    ours,
    selected,
  );
}

/** Gives `fn` the three symbols of a patched function. */
function withVariants<F extends AnyFunction>(fn: F, original: F, ours: F, selected: () => F): F & Patched<F> {
  return Object.defineProperties(fn, {
    [orig]: { value: original },
    [replacement]: { value: ours },
    [select]: { value: selected },
  }) as F & Patched<F>;
}

/**
 * Puts `value` in the place of a property that a program can see, which otherwise stays as it is.
 * @returns false where its object is frozen; --frozen-intrinsics makes accessors of what was a value
 */
export function overwrite(owner: object, name: PropertyKey, value: unknown): boolean {
  const { enumerable = false } = Reflect.getOwnPropertyDescriptor(owner, name) ?? {};
  return Reflect.defineProperty(owner, name, { value, enumerable, writable: true, configurable: true });
}

/** What a disguised function does. */
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

const { bind } = Function.prototype;
const bound = (fn: AnyFunction): AnyFunction => Reflect.apply(bind, fn, [undefined]) as AnyFunction;

function isConstructor(fn: AnyFunction): boolean {
  // What has a prototype is one; asking costs a thrown error, several milliseconds over all that is replaced.
  if (!Object.hasOwn(fn, 'prototype') && !startsWith(fn.name, 'bound ')) return false;
  try {
    Reflect.construct(Object, [], fn);
    return true;
  } catch {
    return false;
  }
}

// A patched function has two sides and chooses at each call.

import { type AnyFunction, disguise } from '../base/disguise.js';
import { invalidArgument } from '../base/errors.js';
import { showCaller } from '../base/stacks.js';
import { isBodyOfTask, maySuspend } from '../suspension/portal.js';
import { requireStack } from '../suspension/stack-room.js';
import { nativeCalls } from '../tooling/native-calls.js';

/** `fn[aevent.orig]`: Node's own function, or what the patch replaced. */
export const orig: unique symbol = Symbol.for('aevent.orig');
/** `fn[aevent.replacement]`: the side that suspends. */
export const replacement: unique symbol = Symbol.for('aevent.replacement');
/** `fn[aevent.select]()`: the side that a call made now would run. */
export const select: unique symbol = Symbol.for('aevent.select');

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
  /** The function that runs outside of tasks and in `native()`. */
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

/**
 * Makes a function that looks like `original` and runs `ours` wherever `suspends()`.
 * @param module - where it comes from, to name it where it blocks
 */
export function choosing<F extends AnyFunction>(
  original: F,
  ours: F,
  suspends: () => boolean,
  module = '',
): F & Patched<F> {
  const selected = (): F => (suspends() ? ours : original);
  return withVariants(
    disguise(original, (self, args, called) => {
      const chosen = selected();
      if (chosen !== ours) {
        if (nativeCalls.by !== undefined) return nativeCalls.by(module, original, self, args);
        return Reflect.apply(chosen, self, args as never);
      }
      requireStack();
      // Node prints the line of the last `throw` of what is not caught.
      if (!isBodyOfTask()) return Reflect.apply(chosen, self, args as never);
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

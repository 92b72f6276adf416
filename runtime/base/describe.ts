// Values of the program in messages of ours. They may be anything: without a prototype, so that no string can be made of
// them; with getters, a toString() or proxy traps that throw; a revoked proxy. Nothing here throws, and no proxy is asked.
import { builtin } from './builtins.js';

const { inspect: inspectValue, types } = builtin<typeof import('node:util')>('util');
const { isNativeError } = types;
/** True for a proxy, which would call the program for whatever it is asked. */
export const isProxy: (value: unknown) => boolean = types.isProxy;

/** A value in the midst of a sentence: primitives as they are, anything else as `util.inspect()` shows it, on one line. */
export function describe(value: unknown): string {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return String(value);
  return inspected(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, showProxy: true });
}

/** As {@link describe}, but strings in quotes. */
export function quoted(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : describe(value);
}

/** What is printed of an error or of any other value that was thrown, over several lines. */
export function inspect(value: unknown): string {
  return inspected(value, { showProxy: true });
}

/** The message of an error; of another value that was thrown, its description. */
export function messageOf(thrown: unknown): string {
  if (isProxy(thrown)) return describe(thrown);
  try {
    if (thrown instanceof Error && typeof thrown.message === 'string') return thrown.message;
  } catch {
    // A getter, or the prototype is a proxy.
  }
  return describe(thrown);
}

/** The name of a function, which the program may have made anything. */
export function nameOf(fn: unknown): string {
  if (typeof fn !== 'function' || isProxy(fn)) return 'anonymous';
  try {
    const { name } = fn as { name: unknown };
    return typeof name === 'string' && name !== '' ? name : 'anonymous';
  } catch {
    return 'anonymous';
  }
}

/** What kind of thing it is, for a value that would be long. */
export function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return describe(value);
  if (isProxy(value)) return 'a proxy';
  try {
    return nameOf(value.constructor);
  } catch {
    return 'an object';
  }
}

/** `value instanceof type`, also where that throws. */
export function isA<T>(value: unknown, type: abstract new (...args: never[]) => T): value is T {
  try {
    return !isProxy(value) && value instanceof type;
  } catch {
    return false;
  }
}

function inspected(value: unknown, options: import('node:util').InspectOptions): string {
  try {
    return inspectValue(value, options);
  } catch {
    return isNativeError(value)
      ? 'an error that cannot be shown'
      : `a value (${typeof value}) that cannot be shown`;
  }
}

// Values of the program in messages of ours. They may be anything: without a prototype, so that no string can be made of
// them; with getters, a toString() or proxy traps that throw; a revoked proxy. Nothing here throws, and no proxy is asked.
import { builtin } from './builtins.js';
import { call, cut, exec, part, startsWith } from './primordials.js';

const { inspect: inspectValue, types } = builtin<typeof import('node:util')>('util');
const { isNativeError } = types;
/** The method by which `util.inspect()` has an object show itself. */
export const inspectAs: typeof import('node:util').inspect.custom = inspectValue.custom;
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

/** Describes an error, or any other value that was thrown, over several lines. */
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

/** Names the kind of a value whose text would be long. */
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

/** Gives the text that `util.inspect()` shows of an object of aevent's: `tell()`; its kind where that cannot be, as for the prototype. */
export function inLine(self: object, tell: () => string): string {
  try {
    return `${nameOfKind(self)} { ${tell()} }`;
  } catch {
    return `${nameOfKind(self)} {}`;
  }
}

/** esbuild calls a class that names itself `_Task`. */
function nameOfKind(self: object): string {
  const name = kindOf(self);
  return startsWith(name, '_') ? part(name, 1) : name;
}

const PLAIN = /^[ -~]*$/;
/** Control characters, which a terminal would obey; line ends; what would turn the direction of the text. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const { replace, charCodeAt, padStart } = String.prototype;
const { toString: numberToString } = Number.prototype;

/** A text of the program's on one line of ours: no more than `most` characters, none of which a terminal would obey. */
export function shown(text: string, most = 200): string {
  if (text.length <= most && exec(PLAIN, text) !== null) return text;
  const start = text.length > most ? `${cut(text, most)}… (${text.length} characters)` : text;
  return call(replace as (pattern: RegExp, by: (found: string) => string) => string, start, UNSAFE, escaped);
}

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  const code = call(numberToString, call(charCodeAt, character, 0), 16);
  return `\\u${call(padStart, code, 4, '0')}`;
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

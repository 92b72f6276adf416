// Array.prototype.join, below which are toString() and every conversion of an array to a string.
//
// V8 keeps the arrays that are being joined in one list of the realm, to find cycles. The first of them empties the
// whole list when it ends, if the list has grown; another one that is still being joined then does not find itself,
// which ends the process. And an array that two tasks join at the same time looks like a cycle to the second.
// (Those of typed arrays convert numbers: no code of the program's runs below them.)
//
// So on a carrier the elements are converted here, with a list for each carrier, and what V8 joins are strings.
// Guarded by test/runtime/hazards/array-join.test.ts.

import { disguise } from '../base/disguise.js';
import { replaceMethod } from '../base/replace-method.js';
import { currentCarrier } from '../suspension/native-core.js';

type Method = (...args: unknown[]) => unknown;
type Convert = (element: unknown, args: unknown[]) => string;

/** By carrier: what is being joined on it. */
const joining: unknown[][] = [];

/**
 * Replaces the joining methods of a realm’s Array.prototype. A call outside of tasks costs a comparison more.
 * @returns empty, or why it cannot be done
 */
export function guardArrayJoin(array: object): string {
  // As strings that differ from `null` and `undefined` alone are converted: a Symbol is a TypeError.
  const toText: Convert = (element) => `${element as string}`;
  const toLocaleText: Convert = (element, args) =>
    `${Reflect.apply((element as { toLocaleString: Method }).toLocaleString, element, args)}`;
  const { join } = array as { join: Method };
  const replaced =
    replace(array, 'join', (original, self, args) => {
      const separator = args[0];
      return joined(original, self, args, toText, () =>
        separator === undefined ? ',' : `${separator as string}`,
      );
    }) &&
    replace(array, 'toLocaleString', (original, self, args) =>
      // With a list of strings the native method would convert once more.
      joined(original, self, args, toLocaleText, () => ',', join),
    );
  return replaced ? '' : 'Array.prototype is frozen, so join() and toLocaleString() cannot be replaced';
}

function replace(
  owner: object,
  name: string,
  inTask: (original: Method, self: unknown, args: unknown[]) => unknown,
): boolean {
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== 'function') return true;
  const value = disguise(original as Method, (self, args) =>
    currentCarrier() === 0 ? Reflect.apply(original, self, args) : inTask(original as Method, self, args),
  );
  return replaceMethod(owner, name, value);
}

/** @see https://tc39.es/ecma262/#sec-array.prototype.join */
function joined(
  original: Method,
  self: unknown,
  args: unknown[],
  convert: Convert,
  separatorOf: () => string,
  join: Method = original,
): unknown {
  if (self === undefined || self === null) return Reflect.apply(original, self, args);
  const list = Object(self) as { length: unknown } & Record<number, unknown>;
  const length = Math.min(Math.max(Math.trunc(Number(list.length)) || 0, 0), Number.MAX_SAFE_INTEGER);
  const separator = separatorOf();
  const carrier = currentCarrier();
  joining[carrier] ??= [];
  const outer = joining[carrier];
  if (outer.includes(list)) return '';
  outer.push(list);
  try {
    const parts: string[] = [];
    for (let i = 0; i < length; i++) {
      const element = list[i];
      parts.push(element === undefined || element === null ? '' : convert(element, args.slice(0, 2)));
    }
    return Reflect.apply(join, parts, [separator]);
  } finally {
    outer.splice(outer.lastIndexOf(list), 1);
  }
}

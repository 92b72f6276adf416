// Passes on to the thread what is done to a proxy of one of its objects, beyond its methods.
import { each, filter, includes } from '../base/primordials.js';
import { isObject, type Place, places, type Side } from './place.js';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** The path of an export of the module by its id. */
export type PathOf = (id: number) => readonly string[] | undefined;

/** Names that JavaScript asks of any object: not asked of the thread unless it has told of them. */
const ASKED_OF_ALL = ['then', 'toJSON', 'constructor', 'asymmetricMatch', 'nodeType', '$$typeof'];

/** Own properties of functions that each has its own of. */
export const OF_FUNCTIONS: readonly string[] = ['name', 'length', 'prototype', 'arguments', 'caller'];

/**
 * The traps of an object that stands for one of a thread.
 * @param own - the names of its own properties
 */
export function trapsFor(
  side: Side,
  id: number,
  own: readonly string[],
  pathOf: PathOf,
): ProxyHandler<AnyFunction> {
  const known = new Set<string>(own);
  /** Exports, which do not change. */
  const exports = new Map<string, unknown>();
  const isTheirs = (target: object, key: PropertyKey): key is string => {
    if (typeof key !== 'string' || (key === 'prototype' && typeof target === 'function')) return false;
    if (known.has(key)) return true;
    return typeof target !== 'function' && !(key in target) && !includes(ASKED_OF_ALL, key);
  };
  return {
    get: (target, key, receiver) => {
      if (!isTheirs(target, key)) return Reflect.get(target, key, receiver);
      if (exports.has(key)) return exports.get(key);
      const value = side.ask('get', key, id, key);
      const path = pathOf(id);
      if (path !== undefined && isObject(value) && places.has(value)) {
        places.set(value, { ...(places.get(value) as Place), path: [...each(path), key] });
        exports.set(key, value);
      }
      return value;
    },
    set: (target, key, value, receiver) => {
      if (typeof key !== 'string' || (!isTheirs(target, key) && hasSetter(target, key)))
        return Reflect.set(target, key, value, receiver);
      known.add(key);
      exports.delete(key);
      return side.ask('set', key, id, key, value) as boolean;
    },
    has: (target, key) =>
      key in target ||
      (typeof key === 'string' && isTheirs(target, key) && side.ask('has', key, id, key) === true),
    deleteProperty: (target, key) => {
      if (typeof key !== 'string') return Reflect.deleteProperty(target, key);
      known.delete(key);
      exports.delete(key);
      return side.ask('delete', key, id, key) as boolean;
    },
    defineProperty: (target, key, descriptor) => {
      if (typeof key !== 'string' || !('value' in descriptor))
        return Reflect.defineProperty(target, key, descriptor);
      known.add(key);
      return side.ask('set', key, id, key, descriptor.value) as boolean;
    },
    ownKeys: (target) => {
      const keys = Reflect.ownKeys(target);
      const theirs = side.ask('keys', 'Object.keys', id) as string[];
      return [
        ...each(keys),
        ...each(
          filter(
            theirs,
            (key) => !includes(keys, key) && !(typeof target === 'function' && includes(OF_FUNCTIONS, key)),
          ),
        ),
      ];
    },
    getOwnPropertyDescriptor: (target, key) => {
      const local = Reflect.getOwnPropertyDescriptor(target, key);
      if (local !== undefined || typeof key !== 'string' || !isTheirs(target, key)) return local;
      const found = side.ask('describe', key, id, key) as { enumerable: boolean } | undefined;
      return found && { value: side.ask('get', key, id, key), writable: true, configurable: true, ...found };
    },
  };
}

function hasSetter(target: object, key: PropertyKey): boolean {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, key);
    if (found !== undefined) return found.set !== undefined;
  }
  return false;
}

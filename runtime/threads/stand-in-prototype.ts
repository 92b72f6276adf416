// Prototypes of objects that stand for those of a thread: their methods call there, so that a call is one message.
import { each, ownValue } from '../base/primordials.js';
import { type Described, symbolOf } from './describe-reference.js';
import { isObject, placeOfThis, places } from './place.js';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type AnyRecord = Record<PropertyKey, unknown>;

/** Makes a prototype of what a thread has told of one. */
export function makePrototype({ members = [], className = '' }: Described, parent: object | null): object {
  const made = Object.create(parent) as object;
  if (className !== '') define(made, 'constructor', classWithout(className, made));
  for (const { name, isMethod, isSymbol, value } of each(members)) {
    const key = isSymbol === true ? symbolOf(name) : name;
    if (key === undefined) continue;
    if (isMethod) define(made, key, methodOf(key));
    else if (value !== undefined) define(made, key, value);
    else {
      Object.defineProperty(made, key, {
        get(this: unknown) {
          const place = isObject(this) ? places.get(this) : undefined;
          return place?.side.ask('get', name, place.id, key);
        },
        set(this: unknown, value: unknown) {
          const { side, id } = placeOfThis(this, name);
          side.ask('set', name, id, key, value);
        },
        configurable: true,
      });
    }
  }
  return made;
}

function define(owner: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(owner, key, { value, writable: true, configurable: true });
}

/** Stands for a class that the module does not export; gives way to the class where the program gets it by another way. */
function classWithout(name: string, prototype: object): AnyFunction {
  const made = {
    [name](): never {
      throw new TypeError(`Illegal constructor: the module in the thread does not export ${name}`);
    },
  }[name] as AnyFunction;
  define(made, 'prototype', prototype);
  standsForClass.add(made);
  return made;
}

const standsForClass = new WeakSet<object>();

/** Gives a prototype its class, unless it has one. */
export function setClass(prototype: object, made: object): void {
  const found = ownValue(prototype, 'constructor') as object | undefined;
  if (found === undefined || standsForClass.has(found)) define(prototype, 'constructor', made);
}

function methodOf(key: PropertyKey): AnyFunction {
  const name = String(key);
  const method = {
    [key](this: unknown, ...args: unknown[]): unknown {
      const { side, id } = placeOfThis(this, name);
      const result = side.ask('method', name, id, key, args);
      if (key === 'close') side.closed();
      return result;
    },
  };
  return (method as AnyRecord)[key] as AnyFunction;
}

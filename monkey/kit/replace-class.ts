// Makes the class that stands for one of Node's.

import { builtin } from '../../runtime/base/builtins.js';
import { type AnyFunction, disguise } from '../../runtime/base/disguise.js';
import { call, each, ownValue } from '../../runtime/base/primordials.js';
import { replaceMethod } from '../../runtime/base/replace-method.js';
import { orig, type Patched, replacement, select } from '../../runtime/patching/patch.js';
import { currentContext } from '../../runtime/suspension/context.js';
import { asInternal, beginInternal, endInternal } from '../../runtime/suspension/internally.js';
import { actingMembers } from './acting.js';
import { adopt, adoptBy } from './adopt.js';
import { listening } from './emitter-listeners.js';
import { keepEventsOf } from './held-events.js';

type AnyClass = AnyFunction | (abstract new (...args: never[]) => unknown);
type Made = AnyFunction & { prototype: object };

/** How objects of a replaced class are made, where that is not just Node's constructor. */
export interface Making {
  /** Replaces a function given to the constructor. Default: it is a listener. */
  readonly callback?: (fn: AnyFunction) => AnyFunction;
  /** Sees the arguments first and may change them. */
  readonly before?: (args: unknown[]) => void;
  /** May return an object in place of one of Node's class; undefined: Node's constructor is called. `target` is `new.target`. */
  readonly instead?: (args: readonly unknown[], target: AnyFunction) => object | undefined;
  /** Sees the object, and the arguments that it was made of. */
  readonly after?: (made: object, args: readonly unknown[]) => void;
  /** Sees each object that Node has made and that gets our prototype. */
  readonly adopted?: (object: object) => void;
  /**
   * Methods that are called on objects that do not have our prototype: Node's own, those that it makes for a program until
   * the program gets them, and those of derived classes. What a program has put in their place in our prototype is called
   * then, as it would be in Node's.
   */
  readonly calledFirst?: readonly string[];
}

const { EventEmitter: Emitter } = builtin<typeof import('node:events')>('events');
const { isPrototypeOf: isInChainOf } = Object.prototype;
const hasInstance = Function.prototype[Symbol.hasInstance];

/**
 * Makes the class that stands for `real` in a replaced module. To the eye it is `real`: name, length, statics, callable
 * without `new` if that is; instances of one are instances of the other, and it can be subclassed in every way that
 * `real` can. In `native()` it makes Node's own objects. What Node's constructor registers on the object stays Node's.
 * @param members - what the prototype adds to Node's
 */
export function taskClass<C extends AnyClass>(
  real: C,
  members: PropertyDescriptorMap,
  making: Making = {},
): C & Patched<C> {
  const realClass = real as unknown as Made;
  const selected = (): Made => (currentContext()?.mode === 'native' ? realClass : made);
  const isClass = Object.getOwnPropertyDescriptor(realClass, 'prototype')?.writable === false;
  const made = (isClass ? ourClass : ourFunction)(realClass, making, selected);

  const { prototype } = made;
  const named = Object.getOwnPropertyDescriptor(realClass.prototype, 'constructor');
  Object.setPrototypeOf(prototype, realClass.prototype);
  const acting = call(isInChainOf, Emitter.prototype, realClass.prototype)
    ? actingMembers(realClass.prototype, members)
    : {};
  Object.defineProperties(prototype, mixable(realClass.prototype, { ...members, ...acting }));
  Object.defineProperty(prototype, 'constructor', { ...named, value: made });
  adoptBy(realClass.prototype, prototype, making.adopted);
  for (const name of making.calledFirst ?? []) callOurs(realClass.prototype, prototype, name);

  const statics = Object.getOwnPropertyDescriptors(realClass);
  return Object.defineProperties(made, {
    ...statics,
    prototype: { ...statics.prototype, value: prototype },
    [Symbol.hasInstance]: {
      value(this: unknown, value: unknown): boolean {
        return this === made ? value instanceof realClass : hasInstance.call(this, value);
      },
      configurable: true,
    },
    [orig]: { value: real },
    [replacement]: { value: made },
    [select]: { value: selected },
  }) as unknown as C & Patched<C>;
}

/**
 * The members of a prototype of ours: all of Node's are its own, too, for programs that look for them there or copy them
 * method by method, as mixins do; each is as enumerable as Node's. Not Node's own state, which it keeps under symbols:
 * what `captureRejections` is by default, for one.
 */
function mixable(prototype: object, ours: PropertyDescriptorMap): PropertyDescriptorMap {
  const members: PropertyDescriptorMap = {};
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (name === 'constructor') continue;
    members[name] = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
  }
  for (const key of Reflect.ownKeys(ours) as string[]) {
    const { enumerable = false } = members[key] ?? ours[key] ?? {};
    members[key] = { ...ours[key], enumerable };
  }
  return members;
}

/** Has Node's objects call the method that is in `ours` when they are called. Guarded by patched-by-program.test.ts. */
function callOurs(nodes: object, ours: object, name: string): void {
  const methods = ours as Record<string, AnyFunction>;
  const original = ownValue(nodes, name) as AnyFunction;
  const value: AnyFunction = disguise(original, (self, args) => {
    const method = methods[name] as AnyFunction;
    // The program may have deleted ours.
    return Reflect.apply(method === value ? original : method, self, args as never);
  });
  replaceMethod(nodes, name, value);
}

// The object must be made for our constructor by one of Node's own kind: V8 keeps no map for what Reflect.construct()
// makes of one function for another, and each object would get one of its own.
// In stacks V8 names an object by the name that its constructor has in the source. Where it has none, as one whose name is computed, V8
// finds Node's.

function ourFunction(
  realClass: Made,
  { callback = listening, before, after }: Making,
  selected: () => Made,
): Made {
  const { name } = realClass;
  const { [name]: made } = {
    [name]: function (this: object, ...args: unknown[]): unknown {
      if (new.target === made && selected() === realClass) return Reflect.construct(realClass, args);
      prepare(args, callback);
      before?.(args);
      const result = asInternal(() => Reflect.apply(realClass, this, args as never)) as object | undefined;
      if (result === undefined) {
        keepEventsOf(this);
        after?.(this, args);
        return undefined;
      }
      // Called as a function, it makes an object, Node's own.
      keepEventsOf(result);
      return selected() === realClass ? result : adopt(result);
    },
  } as Record<string, unknown>;
  const ours = made as Made;
  Object.setPrototypeOf(ours, Object.getPrototypeOf(realClass));
  ours.prototype = {};
  return ours;
}

function ourClass(
  realClass: Made,
  { callback = listening, before, instead, after }: Making,
  selected: () => Made,
): Made {
  const base = realClass as unknown as new (...args: unknown[]) => object;
  const { name } = realClass;
  const { [name]: made } = {
    [name]: class extends base {
      // biome-ignore lint/correctness/noUnreachableSuper: native() makes Node's own objects
      constructor(...args: unknown[]) {
        if (new.target === made && selected() === realClass) {
          // biome-ignore lint/correctness/noConstructorReturn: as above
          return Reflect.construct(realClass, args);
        }
        prepare(args, callback);
        before?.(args);
        const other = instead?.(args, new.target as unknown as AnyFunction);
        if (other !== undefined) {
          keepEventsOf(other);
          after?.(other, args);
          // biome-ignore lint/correctness/noConstructorReturn: it stands for `this`
          return other;
        }
        beginInternal();
        try {
          super(...each(args));
        } finally {
          endInternal();
        }
        keepEventsOf(this);
        after?.(this, args);
      }
    },
  };
  return made as unknown as Made;
}

function prepare(args: unknown[], callback: (fn: AnyFunction) => AnyFunction): void {
  for (let index = 0; index < args.length; index++) {
    const arg = args[index];
    if (typeof arg === 'function') args[index] = callback(arg as AnyFunction);
  }
}

// The parts of the language that aevent uses, as they were when aevent was loaded: a program may replace, freeze or delete them later.
//
// The classes and namespaces below stand for the globals of the same name in all of runtime/ and monkey/: integration/support/bundle.mjs
// puts an import of them into each file that names one. Methods of arrays, strings, regular expressions, promises and
// functions have no such holder: what may run in a task calls them as the functions at the end. `for … of`, spreading and
// destructuring call methods, too, those of Array.prototype's iterator: each() is what they go over.
// Guarded by test/hostile/table.test.ts. It may import only files that import nothing.
import { bare } from './undisturbed.js';

const { apply, construct, defineProperty, get, getOwnPropertyDescriptor, ownKeys, setPrototypeOf } = Reflect;
const { bind, call: callMethod } = Function.prototype;

/** Makes a function of a method, that takes `this` first. */
function uncurried<F>(method: (...args: never[]) => unknown): F {
  return apply(bind, callMethod, [method]) as F;
}

type Constructor = new (...args: never[]) => object;

/** Gives `to` the properties that `from` has now. */
function copy(to: object, from: object): void {
  const keys = ownKeys(from);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as PropertyKey;
    defineProperty(to, key, descriptorOf(from, key));
  }
}

/** --frozen-intrinsics makes accessors of what was a method. */
function descriptorOf(owner: object, key: PropertyKey): PropertyDescriptor {
  const descriptor = getOwnPropertyDescriptor(owner, key) as PropertyDescriptor;
  if ('value' in descriptor) return descriptor;
  try {
    const value: unknown = get(owner, key);
    if (typeof value === 'function') return { value, writable: true, configurable: true };
  } catch {
    // An accessor that wants an instance, such as `size`.
  }
  return descriptor;
}

function namespace<T extends object>(original: T): T {
  const copied = {};
  copy(copied, original);
  return copied as T;
}

/** A constructor with its functions; what it makes is an instance of `original`, and so is for it what others have made. */
function holder<T extends Constructor>(original: T): T {
  function held(...args: never[]): unknown {
    if (new.target === undefined) return apply(original as never, undefined, args);
    return construct(original, args, new.target === (held as unknown) ? original : new.target);
  }
  copy(held, original);
  return held as unknown as T;
}

/** A class of collections whose methods are its own. */
function collection<T extends Constructor>(safe: T, original: T, sample?: Iterable<unknown>): T {
  const keys = ownKeys(original.prototype);
  const next = sample?.[Symbol.iterator]().next;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as PropertyKey;
    if (key === 'constructor') continue;
    const descriptor = descriptorOf(original.prototype, key);
    const iterates = key === 'keys' || key === 'values' || key === 'entries' || key === Symbol.iterator;
    if (iterates && next !== undefined) descriptor.value = iterating(descriptor.value, next);
    defineProperty(safe.prototype, key, descriptor);
  }
  setPrototypeOf(safe.prototype, null);
  return safe;
}

type Next = () => IteratorResult<unknown>;

/** Makes a method of which the iterator has methods of its own. */
function iterating(method: () => object, next: Next): (this: unknown) => Iterator<unknown> {
  return function (this: unknown): Iterator<unknown> {
    return new OwnIterator(apply(method, this, []), next);
  };
}

class OwnIterator implements IterableIterator<unknown> {
  readonly #iterator: object;
  readonly #next: Next;

  constructor(iterator: object, next: Next) {
    this.#iterator = iterator;
    this.#next = next;
  }

  next(): IteratorResult<unknown> {
    return apply(this.#next, this.#iterator, []);
  }

  [Symbol.iterator](): this {
    return this;
  }
}
setPrototypeOf(OwnIterator.prototype, null);

const { isArray } = Array;
function listed(values: Iterable<unknown> | undefined): Iterable<unknown> | undefined {
  return isArray(values) ? each(values as unknown[]) : values;
}

const safe = {
  Array: holder(Array as unknown as Constructor) as unknown as ArrayConstructor,
  Buffer: holder(Buffer as unknown as Constructor) as unknown as typeof Buffer,
  JSON: namespace(JSON),
  Map: collection(
    class extends Map<unknown, unknown> {
      constructor(entries?: Iterable<readonly [unknown, unknown]>) {
        super(listed(entries) as never);
      }
    },
    Map as Constructor,
    new Map(),
  ) as unknown as MapConstructor,
  Math: namespace(Math),
  Number: holder(Number as unknown as Constructor) as unknown as NumberConstructor,
  Object: holder(Object as unknown as Constructor) as unknown as ObjectConstructor,
  Reflect: namespace(Reflect),
  Set: collection(
    class extends Set<unknown> {
      constructor(values?: Iterable<unknown>) {
        super(listed(values) as never);
      }
    },
    Set as Constructor,
    new Set(),
  ) as unknown as SetConstructor,
  // Not without a constructor: the one that V8 11 (Node 20) makes goes over its arguments by the program's iterator.
  WeakMap: collection(
    class extends WeakMap<object, unknown> {
      constructor(entries?: Iterable<readonly [object, unknown]>) {
        super(listed(entries) as never);
      }
    } as Constructor,
    WeakMap as Constructor,
  ) as unknown as WeakMapConstructor,
  WeakSet: collection(
    class extends WeakSet<object> {
      constructor(values?: Iterable<object>) {
        super(listed(values) as never);
      }
    } as Constructor,
    WeakSet as Constructor,
  ) as unknown as WeakSetConstructor,
};
type Descriptors = Record<PropertyKey, PropertyDescriptor>;

function allBare(all: Descriptors): Descriptors {
  const bared = { __proto__: null } as unknown as Descriptors;
  const keys = ownKeys(all);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    bared[key] = bare(all[key] as PropertyDescriptor);
  }
  return bared;
}

const {
  create,
  defineProperties,
  defineProperty: define,
  getOwnPropertyDescriptor: describe,
  getOwnPropertyDescriptors: describeAll,
  hasOwn,
} = Object;
copy(safe.Object, {
  create: (prototype: object | null, all?: Descriptors): object =>
    all === undefined ? create(prototype) : create(prototype, allBare(all)),
  defineProperties: (owner: object, all: Descriptors): object => defineProperties(owner, allBare(all)),
  defineProperty: (owner: object, key: PropertyKey, descriptor: PropertyDescriptor): object =>
    define(owner, key, bare(descriptor)),
  getOwnPropertyDescriptor: (owner: object, key: PropertyKey): PropertyDescriptor | undefined =>
    bare(describe(owner, key)),
  getOwnPropertyDescriptors: (owner: object): Descriptors => allBare(describeAll(owner)),
});
copy(safe.Reflect, {
  defineProperty: (owner: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean =>
    defineProperty(owner, key, bare(descriptor)),
  getOwnPropertyDescriptor: (owner: object, key: PropertyKey): PropertyDescriptor | undefined =>
    bare(getOwnPropertyDescriptor(owner, key)),
});

/** The value of a property of the object's own; undefined for none, and for an accessor, which is not called. */
export function ownValue(object: object, key: PropertyKey): unknown {
  // Not bare(), which takes as long as thirty of these: a request of http that waits has dozens of them.
  const found = describe(object, key);
  return found !== undefined && hasOwn(found, 'value') ? found.value : undefined;
}

const TheProxy = Proxy;
type Traps = ProxyHandler<object>;

/** Stands for the class of proxies: a handler has the traps that it was given, and none from Object.prototype. */
function proxyOf<T extends object>(target: T, handler: ProxyHandler<T>): T {
  const traps = { __proto__: null, ...handler } as Traps;
  const { getOwnPropertyDescriptor: own } = traps;
  if (own !== undefined) traps.getOwnPropertyDescriptor = (of, key) => bare(own(of, key));
  return new TheProxy(target, traps) as T;
}
const safeProxy: ProxyConstructor = proxyOf as unknown as ProxyConstructor;

const safeArray: ArrayConstructor = safe.Array;
const safeBuffer: typeof Buffer = safe.Buffer;
const safeJson: JSON = safe.JSON;
const safeMap: MapConstructor = safe.Map;
const safeMath: Math = safe.Math;
const safeNumber: NumberConstructor = safe.Number;
const safeObject: ObjectConstructor = safe.Object;
const safeReflect: typeof Reflect = safe.Reflect;
const safeSet: SetConstructor = safe.Set;
const safeWeakMap: WeakMapConstructor = safe.WeakMap;
const safeWeakSet: WeakSetConstructor = safe.WeakSet;

export {
  safeArray as Array,
  safeBuffer as Buffer,
  safeJson as JSON,
  safeMap as Map,
  safeMath as Math,
  safeNumber as Number,
  safeObject as Object,
  safeProxy as Proxy,
  safeReflect as Reflect,
  safeSet as Set,
  safeWeakMap as WeakMap,
  safeWeakSet as WeakSet,
};

class Each<T> implements IterableIterator<T> {
  readonly #list: ArrayLike<T>;
  #at = 0;

  constructor(list: ArrayLike<T>) {
    this.#list = list;
  }

  next(): IteratorResult<T> {
    const at = this.#at;
    if (at >= this.#list.length) return { done: true, value: undefined };
    this.#at = at + 1;
    return { done: false, value: this.#list[at] as T };
  }

  [Symbol.iterator](): this {
    return this;
  }
}
setPrototypeOf(Each.prototype, null);

/** An iterable for `for … of`, spreading and destructuring, in place of a list. */
export function each<T>(list: ArrayLike<T>): IterableIterator<T> {
  return new Each(list);
}

/** Calls a function with `this`: its own call() is a method that a program can replace. */
export const call: <This, A extends readonly unknown[], T>(
  fn: (this: This, ...args: A) => T,
  self: This,
  ...args: A
) => T = uncurried(callMethod);

/** `list.push(value)` */
export const push: <T>(list: T[], value: T) => number = uncurried(Array.prototype.push);
/** `list.shift()` */
export const shift: <T>(list: T[]) => T | undefined = uncurried(Array.prototype.shift);
/** `list.unshift(value)` */
export const unshift: <T>(list: T[], value: T) => number = uncurried(Array.prototype.unshift);
/** `list.splice(at, count)` */
export const splice: <T>(list: T[], at: number, count?: number) => T[] = uncurried(Array.prototype.splice);
/** `list.slice(from, to)` */
export const slice: <T>(list: readonly T[], from?: number, to?: number) => T[] = uncurried(
  Array.prototype.slice,
);
/** `list.indexOf(value)` */
export const indexOf: <T>(list: readonly T[], value: T) => number = uncurried(Array.prototype.indexOf);
/** `list.includes(value)` */
export const includes: <T>(list: readonly T[], value: T) => boolean = uncurried(Array.prototype.includes);
/** `list.map(fn)` */
export const map: <T, U>(list: readonly T[], fn: (value: T, index: number) => U) => U[] = uncurried(
  Array.prototype.map,
);
/** `list.filter(fn)` */
export const filter: <T>(list: readonly T[], fn: (value: T, index: number) => unknown) => T[] = uncurried(
  Array.prototype.filter,
);
/** `list.some(fn)` */
export const some: <T>(list: ArrayLike<T>, fn: (value: T) => unknown) => boolean = uncurried(
  Array.prototype.some,
);
/** `list.every(fn)` */
export const every: <T>(list: readonly T[], fn: (value: T, index: number) => unknown) => boolean = uncurried(
  Array.prototype.every,
);
/** `list.find(fn)` */
export const find: <T>(list: readonly T[], fn: (value: T) => unknown) => T | undefined = uncurried(
  Array.prototype.find,
);
/** `list.findIndex(fn)` */
export const findIndex: <T>(list: readonly T[], fn: (value: T) => unknown) => number = uncurried(
  Array.prototype.findIndex,
);
/** `list.reduce(fn, first)` */
export const reduce: <T, U>(list: readonly T[], fn: (sum: U, value: T) => U, first: U) => U = uncurried(
  Array.prototype.reduce,
);
/** `list.sort(compare)` */
export const sort: <T>(list: T[], compare?: (a: T, b: T) => number) => T[] = uncurried(Array.prototype.sort);
/** `list.pop()` */
export const pop: <T>(list: T[]) => T | undefined = uncurried(Array.prototype.pop);
/** `bytes.slice()` */
export const copyBytes: (bytes: Uint8Array) => Uint8Array<ArrayBuffer> = uncurried(
  Uint8Array.prototype.slice,
);
/** `bytes.set(others, at)` */
export const setBytes: (bytes: Uint8Array, others: Uint8Array, at: number) => void = uncurried(
  Uint8Array.prototype.set,
);
/** `buffer.write(text, at)` */
export const writeText: (buffer: Buffer, text: string, at: number) => number = uncurried(
  Buffer.prototype.write,
);
/** `list.join(separator)`, of strings */
export const join: (list: readonly string[], separator: string) => string = uncurried(Array.prototype.join);

/** `pattern.exec(text)` */
export const exec: (pattern: RegExp, text: string) => RegExpExecArray | null = uncurried(
  RegExp.prototype.exec,
);
/** `text.slice(from, to)`. */
export const part: (text: string, from: number, to?: number) => string = uncurried(String.prototype.slice);
/** `text.includes(part)` */
export const hasPart: (text: string, part: string) => boolean = uncurried(String.prototype.includes);
/** `text.indexOf(part)` */
export const placeOf: (text: string, part: string) => number = uncurried(String.prototype.indexOf);
/** `text.startsWith(part)` */
export const startsWith: (text: string, part: string) => boolean = uncurried(String.prototype.startsWith);
/** `text.endsWith(part)` */
export const endsWith: (text: string, part: string) => boolean = uncurried(String.prototype.endsWith);

/** `text.slice(0, length)` */
export function cut(text: string, length: number): string {
  return part(text, 0, length);
}

/** `promise.then(resolved, rejected)` */
export const whenSettled: <T, U, V = never>(
  promise: Promise<T>,
  resolved: ((value: T) => U | PromiseLike<U>) | undefined,
  rejected?: (error: unknown) => V | PromiseLike<V>,
) => Promise<U | V> = uncurried(Promise.prototype.then);

const ThePromise = Promise;
const { resolve } = Promise;
/** `Promise.resolve(value)` */
export function resolved<T>(value?: T | PromiseLike<T>): Promise<T> {
  return apply(resolve, ThePromise, [value]) as Promise<T>;
}

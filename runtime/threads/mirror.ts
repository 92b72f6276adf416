// Objects here that stand for objects of a thread. Their prototypes have methods that call there, so that a call is one message;
// whatever else a program asks of them is asked there. A class looks the same in each thread of a module.
import { each, filter, includes, join, map, push } from '../base/primordials.js';
import { showCallerOf } from './caller-stack.js';
import { encode, MARK, type Marked, type References } from './codec.js';
import { type Described, type Member, shared } from './describe-reference.js';
import { Link } from './link.js';
import type { Operation } from './protocol.js';
import { Exports, Imports } from './references.js';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type AnyRecord = Record<PropertyKey, unknown>;
type Prototype = object | null;

/** Where the object is that one of this thread stands for. */
interface Place {
  readonly side: ThreadSide;
  readonly id: number;
  readonly target: object;
  /** How a program gets it from the module, e.g. `['default', 'open']`; undefined for what it does not export. */
  readonly path: readonly string[] | undefined;
}

const places = new WeakMap<object, Place>();

/** What a module does with its threads. */
export interface Family {
  readonly name: string;
  /** Prototypes by what they look like. */
  readonly prototypes: Map<string, object>;
  readonly inlineMs: number;
  readonly resourceLimits?: import('node:worker_threads').ResourceLimits;
  /** The thread that makes an instance of an exported class. */
  sideForInstance(side: ThreadSide): ThreadSide;
  /** The thread that runs an exported function. */
  sideForCall(side: ThreadSide): ThreadSide;
  /** Called when nothing here holds an object of the thread any more (`isDropped`), or its instance was closed. */
  onIdle(side: ThreadSide, isDropped: boolean): void;
  onEnd(side: ThreadSide): void;
  load(side: ThreadSide): unknown;
}

const sharedByName = new Map<string, Prototype>();
shared.forEach((name, prototype) => void sharedByName.set(name, prototype));

/** Names that JavaScript asks of any object: not asked of the thread unless it has told of them. */
const ASKED_OF_ALL = ['then', 'toJSON', 'constructor', 'asymmetricMatch', 'nodeType', '$$typeof'];

/** A thread, and the objects of its that are held here. */
export class ThreadSide {
  readonly link: Link;
  readonly family: Family;
  readonly #exported = new Exports();
  readonly #imported: Imports;
  readonly #prototypes = new Map<number, Prototype>();
  readonly #promises = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  /** What a program has got from the module, by its path; held as long as the thread. */
  readonly #paths = new Map<string, unknown>();
  #root: unknown;
  #isLoaded = false;

  constructor(family: Family) {
    this.family = family;
    this.#imported = new Imports(() => this.#drop());
    this.link = new Link({
      name: family.name,
      inlineMs: family.inlineMs,
      references: () => this.#references(),
      perform: (operation, target, args) => this.#perform(operation, target, args),
      onRelease: (ids, counts) => this.#exported.release(ids, counts),
      onSettled: (id, ok, value) => this.#settle(id, ok, value),
      onEnd: () => {
        this.#promises.forEach(({ reject }) => void reject(this.link.failure));
        this.#promises.clear();
        family.onEnd(this);
      },
      ...(family.resourceLimits && { resourceLimits: family.resourceLimits }),
    });
  }

  /** The module's exports. Suspends, or blocks. */
  root(): unknown {
    if (!this.#isLoaded) {
      this.#root = this.family.load(this);
      this.#isLoaded = true;
      if (isObject(this.#root)) {
        const place = places.get(this.#root);
        if (place !== undefined) places.set(this.#root, { ...place, path: [] });
      }
    }
    return this.#root;
  }

  /** What the module exports at `path`, as this thread has it. */
  at(path: readonly string[]): unknown {
    const key = join(path, '\0');
    if (path.length === 0) return this.root();
    if (!this.#paths.has(key)) {
      let found = this.root();
      for (const name of each(path)) found = (found as AnyRecord)[name];
      this.#paths.set(key, found);
    }
    return this.#paths.get(key);
  }

  /** Asks something of an object of the thread's. */
  ask(operation: Operation, what: string, id: number, ...parts: readonly unknown[]): unknown {
    const into = this.link.encoding();
    try {
      const args: unknown[] = [id];
      for (const part of each(parts)) push(args, encode(part, into));
      return this.link.request(operation, args, into, { what: `${what} (${this.link.name})` });
    } catch (error) {
      showCallerOf(error);
      throw error;
    }
  }

  /** Does what the thread asks of an object or function of this one. */
  #perform(operation: Operation, target: number, args: readonly unknown[]): unknown {
    const object = this.#exported.get(target) as AnyRecord;
    const [first, second] = args as [string, unknown];
    switch (operation) {
      case 'apply':
        return Reflect.apply(object as unknown as AnyFunction, args[1], args[0] as unknown[]);
      case 'get':
        return object[first];
      case 'set':
        return Reflect.set(object, first, second);
      case 'has':
        return Reflect.has(object, first);
      case 'delete':
        return Reflect.deleteProperty(object, first);
      default:
        return filter(Reflect.ownKeys(object), (key) => typeof key === 'string');
    }
  }

  #drop(): void {
    const dropped = this.#imported.takeDropped();
    if (dropped !== undefined) this.link.release(dropped.ids, dropped.counts);
    if (this.#imported.size <= this.#paths.size + 1 && this.link.load === 0) this.family.onIdle(this, true);
  }

  #settle(id: number, ok: boolean, value: unknown): void {
    const found = this.#promises.get(id);
    if (found === undefined) return;
    this.#promises.delete(id);
    this.link.hold(-1);
    if (ok) found.resolve(value);
    else found.reject(value);
  }

  #references(): References {
    return {
      refer: (value) => {
        const place = places.get(value);
        if (place?.side === this) return { [MARK]: 'back', id: place.id };
        const { id } = this.#exported.send(value);
        if (typeof value === 'function') {
          const { name, length } = value;
          return { [MARK]: 'function', id, name, length };
        }
        const isThenable = value instanceof Promise;
        return { [MARK]: 'object', id, isArray: Array.isArray(value), isThenable };
      },
      stays: (value) => places.has(value),
      resolve: (mark) => {
        const id = mark.id as number;
        if (mark[MARK] === 'back') return this.#exported.get(id);
        return this.#imported.receive(id, () => this.#make(id, mark));
      },
      originOf: (error) => ({ [MARK]: 'error', id: this.#exported.send(error).id }),
      adopt: () => {},
      classOf: (mark) => {
        const { chain } = mark as { chain?: Described | string | null };
        if (typeof chain !== 'object' || chain === null) return undefined;
        return this.#prototypeOf(chain) ?? undefined;
      },
    };
  }

  #make(id: number, mark: Marked): object {
    const made = mark[MARK] === 'function' ? this.#makeFunction(id, mark) : this.#makeObject(id, mark);
    return made;
  }

  #makePromise(id: number): Promise<unknown> {
    this.link.hold(1);
    return new Promise((resolve, reject) => {
      this.#promises.set(id, { resolve, reject });
    });
  }

  #makeObject(id: number, mark: Marked): object {
    if (mark.kind === 'promise') return this.#makePromise(id);
    const target: object = mark.kind === 'array' ? [] : {};
    const prototype = this.#prototypeOf(mark.chain as Described | string | null);
    Object.setPrototypeOf(target, prototype);
    const made = new Proxy(target, this.#traps(id, mark.own as string[]));
    places.set(made, { side: this, id, target, path: mark.isRoot === true ? [] : undefined });
    if (mark.isIterator === true) pullInBatches(this, id, target);
    return made;
  }

  #makeFunction(id: number, mark: Marked): object {
    const isClass = mark.prototype !== undefined;
    const target = (isClass ? constructible() : () => {}) as AnyFunction;
    Object.defineProperties(target, {
      name: { value: mark.name, configurable: true },
      length: { value: mark.length, configurable: true },
    });
    const statics = filter(mark.own as string[], (name) => !includes(OF_FUNCTIONS, name));
    const prototype = isClass ? this.#prototypeOf(mark.prototype as Described | string) : undefined;
    const traps = this.#traps(id, statics);
    const made: AnyFunction = new Proxy(target, {
      ...traps,
      apply: (_, self, args) => this.#call(made, self, args),
      construct: (_, args, newTarget) => this.#construct(made, args, newTarget as AnyFunction),
    });
    if (prototype !== undefined && prototype !== null) {
      target.prototype = prototype;
      if (!includes(['Object', 'Function', 'Array', 'Error'], String(mark.prototype)))
        Object.defineProperty(prototype, 'constructor', { value: made, writable: true, configurable: true });
    }
    places.set(made, { side: this, id, target, path: undefined });
    return made;
  }

  #call(fn: AnyFunction, self: unknown, args: unknown[]): unknown {
    const place = places.get(fn) as Place;
    const name = fn.name || 'a function';
    if (place.path === undefined) return this.#apply(name, place.id, self, args);
    const isClass = Object.hasOwn(place.target, 'prototype');
    const side = isClass ? this.family.sideForInstance(this) : this.family.sideForCall(this);
    const chosen = side === this ? place : (places.get(side.at(place.path) as object) as Place);
    return side.#apply(name, chosen.id, self, args);
  }

  #apply(name: string, id: number, self: unknown, args: unknown[]): unknown {
    return self === undefined ? this.ask('apply', name, id, args) : this.ask('apply', name, id, args, self);
  }

  #construct(fn: AnyFunction, args: unknown[], newTarget: AnyFunction): object {
    const place = places.get(fn) as Place;
    const side = place.path === undefined ? this : this.family.sideForInstance(this);
    const chosen = side === this ? place : (places.get(side.at(place.path ?? []) as object) as Place);
    let made: object;
    try {
      made = side.ask('construct', `new ${fn.name}`, chosen.id, args) as object;
    } catch (error) {
      if (side !== this) this.family.onIdle(side, false);
      throw error;
    }
    const target = places.get(made)?.target;
    if (newTarget !== fn && target !== undefined) Object.setPrototypeOf(target, newTarget.prototype);
    return made;
  }

  #traps(id: number, own: string[]): ProxyHandler<AnyFunction> {
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
        const value = this.ask('get', key, id, key);
        const path = this.#pathOf(id);
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
        return this.ask('set', key, id, key, value) as boolean;
      },
      has: (target, key) =>
        key in target ||
        (typeof key === 'string' && isTheirs(target, key) && this.ask('has', key, id, key) === true),
      deleteProperty: (target, key) => {
        if (typeof key !== 'string') return Reflect.deleteProperty(target, key);
        known.delete(key);
        exports.delete(key);
        return this.ask('delete', key, id, key) as boolean;
      },
      defineProperty: (target, key, descriptor) => {
        if (typeof key !== 'string' || !('value' in descriptor))
          return Reflect.defineProperty(target, key, descriptor);
        known.add(key);
        return this.ask('set', key, id, key, descriptor.value) as boolean;
      },
      ownKeys: (target) => {
        const keys = Reflect.ownKeys(target);
        const theirs = this.ask('keys', 'Object.keys', id) as string[];
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
        const found = this.ask('describe', key, id, key) as { enumerable: boolean } | undefined;
        return (
          found && { value: this.ask('get', key, id, key), writable: true, configurable: true, ...found }
        );
      },
    };
  }

  /** The path of an export by its id. */
  #pathOf(id: number): readonly string[] | undefined {
    const held = this.#imported.held(id);
    return held === undefined ? undefined : places.get(held)?.path;
  }

  #prototypeOf(chain: Described | string | null | undefined): Prototype {
    if (chain === null || chain === undefined) return null;
    if (typeof chain === 'string') return sharedByName.get(chain) ?? null;
    const known = this.#prototypes.get(chain.id);
    if (known !== undefined) return known;
    const members = chain.members ?? [];
    const parent = this.#prototypeOf(chain.parent);
    const looks = `${chain.className}(${join(
      map(members, ([name, isMethod]) => `${name}${isMethod ? '()' : ''}`),
      ',',
    )})`;
    const alike = this.family.prototypes.get(looks);
    const made =
      alike !== undefined && Object.getPrototypeOf(alike) === parent ? alike : makePrototype(parent, members);
    this.family.prototypes.set(looks, made);
    this.#prototypes.set(chain.id, made);
    return made;
  }
}

const OF_FUNCTIONS = ['name', 'length', 'prototype', 'arguments', 'caller'];

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** The target of a proxy that can be constructed. */
function constructible(): AnyFunction {
  return function (this: unknown) {
    return this;
  };
}

function hasSetter(target: object, key: PropertyKey): boolean {
  for (let at: Prototype = target; at !== null; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, key);
    if (found !== undefined) return found.set !== undefined;
  }
  return false;
}

function makePrototype(parent: Prototype, members: readonly Member[]): object {
  const made = Object.create(parent) as object;
  for (const [name, isMethod, isSymbol] of each(members)) {
    const key = isSymbol ? (Symbol as unknown as Record<string, symbol>)[name] : name;
    if (key === undefined) continue;
    if (isMethod)
      Object.defineProperty(made, key, { value: methodOf(key), writable: true, configurable: true });
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

function placeOfThis(self: unknown, name: string): Place {
  const place = isObject(self) ? places.get(self) : undefined;
  if (place === undefined) throw new TypeError(`Illegal invocation: ${name}() was called on another object`);
  return place;
}

function methodOf(key: PropertyKey): AnyFunction {
  const name = String(key);
  const method = {
    [key](this: unknown, ...args: unknown[]): unknown {
      const { side, id } = placeOfThis(this, name);
      const result = side.ask('method', name, id, key, args);
      if (key === 'close') side.family.onIdle(side, false);
      return result;
    },
  };
  return (method as AnyRecord)[key] as AnyFunction;
}

/** Most values that are pulled at once. */
const MOST = 256;

/** Gives an iterator of a thread methods that pull more values at once each time. */
function pullInBatches(side: ThreadSide, id: number, target: object): void {
  let values: unknown[] = [];
  let at = 0;
  let count = 1;
  let end: { readonly result: unknown; readonly failed?: boolean } | undefined;
  const next = (...args: unknown[]): IteratorResult<unknown> => {
    // A generator that is sent something can be asked for one value only.
    if (args.length > 0 && at >= values.length && end === undefined)
      return side.ask('method', 'next', id, 'next', args) as IteratorResult<unknown>;
    if (at >= values.length && end === undefined) {
      const pulled = side.ask('pull', 'next', id, count) as {
        values: unknown[];
        done: boolean;
        result: unknown;
        failed?: boolean;
      };
      ({ values } = pulled);
      at = 0;
      count = Math.min(count * 4, MOST);
      if (pulled.done) end = pulled;
    }
    if (at < values.length) {
      const value = values[at];
      values[at++] = undefined;
      return { done: false, value };
    }
    const ended = end;
    end = { result: undefined };
    if (ended?.failed === true) throw ended.result;
    return { done: true, value: ended?.result };
  };
  const returns = (value?: unknown): IteratorResult<unknown> => {
    values = [];
    at = 0;
    if (end === undefined) side.ask('return', 'return', id, value);
    end = { result: undefined };
    return { done: true, value };
  };
  for (const [name, value] of each([['next', next] as const, ['return', returns] as const]))
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
}

/** True of an object that stands for one of a thread. */
export function isOfThread(value: unknown): boolean {
  return isObject(value) && places.has(value);
}

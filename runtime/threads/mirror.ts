// Objects here that stand for objects of a thread. Their prototypes have methods that call there, so that a call is one message;
// whatever else a program asks of them is asked there. A class looks the same in each thread of a module.
import { builtin } from '../base/builtins.js';
import { each, filter, includes, join, map, push } from '../base/primordials.js';
import { type Context, currentContext } from '../suspension/context.js';
import { THREAD } from '../suspension/wait-kinds.js';
import { showCallerOf } from './caller-stack.js';
import { encode, MARK, type Marked, type References } from './codec.js';
import { type Described, type Member, shared, symbolOf } from './describe-reference.js';
import { Link } from './link.js';
import { isObject, type Place, places, type Side } from './place.js';
import type { OfHost, Operation } from './protocol.js';
import { pullInBatches } from './pulled-iterator.js';
import { Exports, Imports } from './references.js';
import { makePrototype, setClass } from './stand-in-prototype.js';
import { OF_FUNCTIONS, trapsFor } from './traps.js';

const { types } = builtin<typeof import('node:util')>('util');

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type AnyRecord = Record<PropertyKey, unknown>;
type Prototype = object | null;

/** The threads of a module, as the proxies of its objects use them. */
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

/** A thread, and the objects of its that are held here. */
export class ThreadSide implements Side {
  readonly link: Link;
  readonly family: Family;
  readonly #exported = new Exports();
  /** Of functions that the thread has been given: where that was. */
  readonly #contexts = new WeakMap<object, Context>();
  readonly #imported: Imports;
  readonly #prototypes = new Map<number, Prototype>();
  readonly #promises = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  /** The exports that a program has got from the module, by their path; held as long as the thread. */
  readonly #paths = new Map<string, unknown>();
  #root: unknown;
  #isLoaded = false;

  constructor(family: Family) {
    this.family = family;
    this.#imported = new Imports(() => this.#drop());
    this.link = new Link({
      name: family.name,
      inlineMs: family.inlineMs,
      actsForProgram: true,
      references: () => this.#references(),
      perform: (operation, target, args) => this.#perform(operation, target, args),
      contextOf: (target) => this.#contexts.get(this.#exported.get(target)),
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

  /** Gives the module's export at `path`, as this thread has it. */
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
      return this.link.request(operation, args, into, { what: `${THREAD} of ${this.link.name}: ${what}` });
    } catch (error) {
      showCallerOf(error);
      throw error;
    }
  }

  closed(): void {
    this.family.onIdle(this, false);
  }

  /** Does what the thread asks of an object or function of this one. */
  #perform(operation: OfHost, target: number, args: readonly unknown[]): unknown {
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
          const context = currentContext();
          if (context !== undefined && !this.#contexts.has(value)) this.#contexts.set(value, context);
          return { [MARK]: 'function', id, name, length, isGenerator: types.isGeneratorFunction(value) };
        }
        const isThenable = value instanceof Promise;
        const isPlain = Object.getPrototypeOf(value) === Object.prototype;
        return { [MARK]: 'object', id, isArray: Array.isArray(value), isPlain, isThenable };
      },
      stays: (value) => places.has(value) || hasHidden(value),
      keep: (value) => this.#exported.send(value).id,
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
    defineBrands(target, mark);
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
    defineBrands(target, mark);
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
      if (typeof mark.prototype === 'object') setClass(prototype, made);
    }
    places.set(made, { side: this, id, target, path: undefined });
    return made;
  }

  #call(fn: AnyFunction, self: unknown, args: unknown[]): unknown {
    const place = places.get(fn) as Place<ThreadSide>;
    const name = fn.name || 'a function';
    if (place.path === undefined) return this.#apply(name, place.id, self, args);
    const own = this.#sideOf(args);
    const makesInstance = makesInstances(place.target);
    const side = own ?? (makesInstance ? this.family.sideForInstance(this) : this.family.sideForCall(this));
    if (side === this) return this.#apply(name, place.id, self, args);
    const chosen = places.get(side.at(place.path) as object) as Place<ThreadSide>;
    const path = isObject(self) ? places.get(self)?.path : undefined;
    return side.#apply(name, chosen.id, path === undefined ? self : side.at(path), args);
  }

  /** The thread whose object is among the arguments: it has to stay there. */
  #sideOf(args: readonly unknown[]): ThreadSide | undefined {
    for (const arg of each(args)) {
      const side = isObject(arg) ? places.get(arg)?.side : undefined;
      if (side instanceof ThreadSide && side.family === this.family) return side;
    }
    return undefined;
  }

  #apply(name: string, id: number, self: unknown, args: unknown[]): unknown {
    return self === undefined ? this.ask('apply', name, id, args) : this.ask('apply', name, id, args, self);
  }

  #construct(fn: AnyFunction, args: unknown[], newTarget: AnyFunction): object {
    const place = places.get(fn) as Place<ThreadSide>;
    const own = this.#sideOf(args);
    const side = own ?? (place.path === undefined ? this : this.family.sideForInstance(this));
    const chosen =
      side === this ? place : (places.get(side.at(place.path ?? []) as object) as Place<ThreadSide>);
    let made: object;
    try {
      made = side.ask('construct', `new ${fn.name}`, chosen.id, args) as object;
    } catch (error) {
      if (side !== this && side !== own) this.family.onIdle(side, false);
      throw error;
    }
    const target = places.get(made)?.target;
    if (newTarget !== fn && target !== undefined) Object.setPrototypeOf(target, newTarget.prototype);
    return made;
  }

  #traps(id: number, own: readonly string[]): ProxyHandler<AnyFunction> {
    return trapsFor(this, id, own, (of) => this.#pathOf(of));
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
    const parent = this.#prototypeOf(chain.parent);
    const looks = looksOf(chain);
    const alike = this.family.prototypes.get(looks);
    const isAlike = alike !== undefined && Object.getPrototypeOf(alike) === parent;
    const made = isAlike ? alike : makePrototype(chain, parent);
    this.family.prototypes.set(looks, made);
    this.#prototypes.set(chain.id, made);
    return made;
  }
}

/** Gives an object the constants that have symbols for names. */
function defineBrands(target: object, { brands }: Marked): void {
  for (const { name, value } of each((brands ?? []) as readonly Member[])) {
    const key = symbolOf(name);
    const property = { value, writable: true, enumerable: true, configurable: true };
    if (key !== undefined) Object.defineProperty(target, key, property);
  }
}

/** Whether a function makes instances when it is called without `new`, too. Any `function` has a prototype; that of a class has methods. */
function makesInstances(fn: object): boolean {
  const { prototype } = fn as { prototype?: object };
  if (prototype === undefined) return false;
  return Reflect.ownKeys(prototype).length > 1 || Object.getPrototypeOf(prototype) !== Object.prototype;
}

/** The target of a proxy that can be constructed. */
function constructible(): AnyFunction {
  return function (this: unknown) {
    return this;
  };
}

/** Whether a plain object has properties that a copy would not have. */
function hasHidden(value: object): boolean {
  if (types.isProxy(value) || Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Object.getOwnPropertyNames(value).length !== Object.keys(value).length;
}

/** Gives a text that tells a prototype from others. */
function looksOf({ className = '', members = [] }: Described): string {
  const names = map(members, ({ name, isMethod }) => `${name}${isMethod ? '()' : ''}`);
  return `${className}(${join(names, ',')})`;
}

// Objects and functions of the host's as the thread has them, and what the thread tells the host of its own. Whatever is done to one of
// the host's is done there, by a callback.
import { builtin } from '../base/builtins.js';
import { each } from '../base/primordials.js';
import { MARK, type Marked, type References } from './codec.js';
import { describePrototype, describeReference } from './describe-reference.js';
import type { Operation } from './protocol.js';
import { Exports, Imports } from './references.js';

const { types } = builtin<typeof import('node:util')>('util');

/** Asks something of an object of the host's, and waits. */
export type CallHost = (operation: Operation, target: number, args: readonly unknown[]) => unknown;

/** Calls the host, and tells it of objects that were dropped and of promises. */
export interface HostObjectsOptions {
  readonly callHost: CallHost;
  /** Objects of the host's were dropped; {@link HostObjects.takeDropped} gives which. */
  readonly onDrop: () => void;
  /** A promise is sent, as `id`. */
  readonly onPromise: (promise: Promise<unknown>, id: number) => void;
}

/** A module: a reference, whatever it exports. */
export class Root {
  readonly value: object;

  constructor(value: object) {
    this.value = value;
  }
}

/** The thread's references, and objects of the host's. */
export class HostObjects implements References {
  readonly #options: HostObjectsOptions;
  readonly #imported: Imports;
  /** The host's objects, by what stands for them. */
  readonly #ids = new WeakMap<object, number>();
  /** The objects that the host holds. */
  readonly exported: Exports = new Exports();

  constructor(options: HostObjectsOptions) {
    this.#options = options;
    this.#imported = new Imports(options.onDrop);
  }

  /** See {@link Imports.takeDropped}. */
  takeDropped(): ReturnType<Imports['takeDropped']> {
    return this.#imported.takeDropped();
  }

  /** True of what stands for an object of the host's. */
  isOfHost(value: object): boolean {
    return this.#ids.has(value);
  }

  refer(value: object): Marked {
    if (value instanceof Root) return { ...this.refer(value.value), isRoot: true };
    const host = this.#ids.get(value);
    if (host !== undefined) return { [MARK]: 'back', id: host };
    const { id } = this.exported.send(value);
    if (value instanceof Promise) this.#options.onPromise(value, id);
    return describeReference(id, value);
  }

  stays(value: object): boolean {
    return value instanceof Root || this.#ids.has(value) || hasFunctions(value);
  }

  resolve(mark: Marked): unknown {
    const id = mark.id as number;
    if (mark[MARK] === 'back') return this.exported.get(id);
    return this.#imported.receive(id, () => {
      const { callHost } = this.#options;
      const made =
        mark[MARK] === 'function' ? standInFunction(callHost, mark) : standInObject(callHost, mark);
      this.#ids.set(made, id);
      return made;
    });
  }

  originOf(error: Error): Marked | undefined {
    const id = this.#ids.get(error);
    return id === undefined ? undefined : { [MARK]: 'back', id };
  }

  adopt(origin: Marked, made: object): void {
    this.#imported.replace(origin.id as number, made);
    this.#ids.set(made, origin.id as number);
  }

  classOf(): undefined {}

  describe(error: Error): unknown {
    return describePrototype(Object.getPrototypeOf(error));
  }
}

/** True for a plain object with functions or accessors: its methods want it as `this`. */
function hasFunctions(value: object): boolean {
  if (types.isProxy(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  if (types.isModuleNamespaceObject(value)) return true;
  for (const key of each(Object.keys(value))) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    if (descriptor?.get !== undefined || typeof descriptor?.value === 'function') return true;
  }
  return false;
}

function standInFunction(callHost: CallHost, { id, name, length, isGenerator }: Marked): object {
  const call = (self: unknown, args: unknown[]): unknown =>
    // To native code both are no `this`.
    callHost('apply', id as number, self === undefined || self === globalThis ? [args] : [args, self]);
  const made =
    isGenerator === true
      ? function* (this: unknown, ...args: unknown[]): Generator {
          return yield* call(this, args) as Generator;
        }
      : function (this: unknown, ...args: unknown[]): unknown {
          return call(this, args);
        };
  return Object.defineProperties(made, {
    name: { value: name, configurable: true },
    length: { value: length, configurable: true },
  });
}

/** The prototype of objects of classes that the thread has not. */
const ofSomeClass: object = Object.create(Object.prototype);

function standInObject(callHost: CallHost, mark: Marked): object {
  const id = mark.id as number;
  const target = mark.isArray === true ? [] : mark.isPlain === true ? {} : Object.create(ofSomeClass);
  return new Proxy(target, {
    get: (_, key) => (key === 'then' && mark.isThenable !== true ? undefined : callHost('get', id, [key])),
    set: (_, key, value) => Boolean(callHost('set', id, [key, value])),
    has: (_, key) => Boolean(callHost('has', id, [key])),
    deleteProperty: (_, key) => Boolean(callHost('delete', id, [key])),
    ownKeys: () => callHost('keys', id, []) as string[],
    getOwnPropertyDescriptor: (_, key) => {
      if (callHost('has', id, [key]) !== true) return undefined;
      return { value: callHost('get', id, [key]), writable: true, enumerable: true, configurable: true };
    },
  });
}

// The operations of a thread, and how it carries them out.
import { push } from '../base/primordials.js';
import { decode } from './codec.js';
import type { HeldConnections } from './held-connections.js';
import { type HostObjects, Root } from './host-objects.js';
import { exportOf, functionOf, loadModule, namesOf } from './load-module.js';
import type { Operation } from './protocol.js';

/** A result that is there when a promise has settled. */
export class Later {
  readonly promise: Promise<unknown>;

  constructor(promise: Promise<unknown>) {
    this.promise = promise;
  }
}

/** Does something that is asked by `owner`; the arguments are encoded. */
export type Serve = (args: readonly unknown[], owner: number) => unknown;
type Callable = (...args: unknown[]) => unknown;
type AnyRecord = Record<PropertyKey, unknown>;

const later = (value: unknown): unknown => (value instanceof Promise ? new Later(value) : value);

/** Everything that may be asked of a thread. */
export function operationsOf(
  objects: HostObjects,
  connections: HeldConnections,
): Record<Exclude<Operation, 'exit'>, Serve> {
  const real = <T = AnyRecord>(id: unknown): T => objects.exported.get(id as number) as T;
  const decoded = (value: unknown): unknown => decode(value, objects);
  const list = (value: unknown): unknown[] => decode(value, objects) as unknown[];
  const tracked = (value: unknown): unknown => {
    if (typeof value === 'object' && value !== null && !objects.isOfHost(value)) connections.note(value);
    return value;
  };

  /** Values of an iterator, as many as there are. An error comes after those before it. */
  const pull = (iterator: Iterator<unknown>, count: number): unknown => {
    const values: unknown[] = [];
    while (values.length < count) {
      try {
        const { done, value } = iterator.next();
        if (done === true) return { values, done: true, result: value };
        push(values, value);
      } catch (error) {
        return { values, done: false, failed: true, result: error };
      }
    }
    return { values, done: false };
  };

  return {
    load: ([specifier, from]) => later(asRoot(loadModule(specifier as string, from as string))),
    names: ([specifier, from]) => later(namesOf(specifier as string, from as string)),
    run: ([specifier, from, name, args]) => {
      const values = decode(args) as unknown[];
      const call = (module: unknown): unknown =>
        exportOf(module, name as string, specifier as string)(...values);
      const module = loadModule(specifier as string, from as string);
      return later(module instanceof Promise ? module.then(call) : call(module));
    },
    runSource: ([source, args]) => later(functionOf(source as string)(...(decode(args) as unknown[]))),
    apply: ([id, args, self]) => tracked(Reflect.apply(real<Callable>(id), decoded(self), list(args))),
    construct: ([id, args]) => tracked(Reflect.construct(real<Callable>(id), list(args))),
    method: ([id, key, args], owner) => {
      const self = real(id);
      const value = Reflect.apply(self[decoded(key) as string] as Callable, self, list(args));
      if (key === 'iterate') connections.noteIteration(self, owner);
      return tracked(value);
    },
    get: ([id, key]) => real(id)[decoded(key) as string],
    set: ([id, key, value]) => Reflect.set(real(id), decoded(key) as string, decoded(value)),
    has: ([id, key]) => Reflect.has(real(id), decoded(key) as string),
    delete: ([id, key]) => Reflect.deleteProperty(real(id), decoded(key) as string),
    keys: ([id]) => Reflect.ownKeys(real(id)).filter((key) => typeof key === 'string'),
    describe: ([id, key]) => {
      const found = Object.getOwnPropertyDescriptor(real(id), decoded(key) as string);
      return found && { enumerable: found.enumerable };
    },
    pull: ([id, count]) => pull(real(id) as unknown as Iterator<unknown>, count as number),
    return: ([id, value]) => {
      const iterator = real(id) as unknown as Iterator<unknown>;
      return iterator.return?.(decoded(value));
    },
  };
}

/** A module is a reference, whatever it exports. */
function asRoot(module: unknown): unknown {
  const root = (value: unknown): unknown =>
    (typeof value === 'object' && value !== null) || typeof value === 'function' ? new Root(value) : value;
  return module instanceof Promise ? module.then(root) : root(module);
}

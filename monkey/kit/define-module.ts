// Makes a replaced builtin of Node's own one and the functions that aevent brings.
import { builtin } from '../../runtime/base/builtins.js';
import { type AnyFunction, disguise } from '../../runtime/base/disguise.js';
import { includes } from '../../runtime/base/primordials.js';
import { choosing } from '../../runtime/patching/patch.js';
import { maySuspend } from '../../runtime/suspension/portal.js';

/** A replaced builtin: its CommonJS object, and the names in it that are ours. */
export interface MonkeyModule<T extends object = object> {
  /** The builtin's name, without `node:`. */
  readonly name: string;
  /** Node's own exports object: nothing of ours is in it. */
  readonly real: T;
  /** The object that `require()` gives: mutable, as Node's own is. */
  readonly exports: T;
  /** Names that Node exports and aevent replaces. */
  readonly implemented: readonly string[];
  /** Names that only aevent exports. */
  readonly added: readonly string[];
  /** Names that are Node's own, identical. */
  readonly passedThrough: readonly string[];
}

/** The replacements and additions of a monkey module. */
export interface ModuleSpec {
  /** Replacements by name; those that Node does not export, or exports undefined, are left out. */
  readonly implemented?: Record<string, unknown>;
  /** Makes those that Node makes only when a program asks for them, by name. */
  readonly lazy?: Record<string, () => unknown>;
  /** The properties that Node assigns while programs run, by name. */
  readonly assigned?: readonly string[];
  /** Additions by name. */
  readonly added?: Record<string, unknown>;
  /** The replacement of a module that is a class itself, as `events` is: that class, see replace-class.ts. */
  readonly self?: object;
}

/**
 * Makes the CommonJS object of a replaced module: own descriptors of the real one, ours over them.
 * Ours are in this object alone: Node's own internals, its CommonJS loader among them, go on using Node's. A function that a program
 * puts into it goes into the real one, too, as Node's internals call those that they find there ({@link writtenThrough}).
 * A module of which nothing is ours is the real one.
 * @param name - the builtin's name, without `node:`
 * @see test/monkey/contract.test.ts, which compares every module with the real one
 */
export function defineModule<T extends object>(name: string, spec: ModuleSpec): MonkeyModule<T> {
  const real = builtin<T>(name);
  const descriptors: Record<string, PropertyDescriptor> = Object.getOwnPropertyDescriptors(real);
  const names = Object.keys(descriptors);
  const added = Object.keys(spec.added ?? {});
  const implemented: string[] = spec.self === undefined ? [] : ['prototype'];
  for (const [key, value] of Object.entries(spec.implemented ?? {})) {
    const found = descriptors[key];
    if (found === undefined || ('value' in found && found.value === undefined)) continue;
    implemented.push(key);
    standFor(value, found.value);
    const { enumerable = true, configurable = true } = found;
    descriptors[key] = { value, writable: found.writable ?? true, enumerable, configurable };
  }
  for (const [key, make] of Object.entries(spec.lazy ?? {})) {
    const found = descriptors[key];
    if (found?.get === undefined) continue;
    implemented.push(key);
    let value: unknown;
    descriptors[key] = { ...found, get: disguise(found.get, () => (value ??= make())) };
  }
  for (const key of added) {
    descriptors[key] = { value: spec.added?.[key], writable: true, enumerable: true, configurable: true };
  }
  const ours = implemented.length + added.length > 0;
  if (spec.self !== undefined) delete descriptors.prototype;
  const made = Object.defineProperties(
    spec.self ?? Object.create(Object.getPrototypeOf(real)),
    descriptors,
  ) as T;
  const isOurs = (key: PropertyKey): boolean => includes(added, key as string);
  // A module that is a class is called, subclassed and compared by its prototype: it has to be itself.
  const exports = spec.self === undefined ? writtenThrough(made, real, isOurs, spec.assigned) : made;
  return {
    name,
    real,
    exports: ours ? exports : real,
    implemented,
    added,
    passedThrough: names.filter((key) => !implemented.includes(key)),
  };
}

/** By each value of a replaced module, the value that Node's has in its place. */
const originals = new WeakMap<object, unknown>();

/** Remembers that `ours`, put into a replaced module, is `original` in Node's own. */
export function standFor(ours: unknown, original: unknown): void {
  if (typeof ours === 'function' || (typeof ours === 'object' && ours !== null))
    originals.set(ours, original);
}

/**
 * Makes the exports object by which a program patches both: `fs.open = mine` changes the function that `require('fs')` has and
 * the one that Node's own streams call. A function of ours that is put back there becomes the original of Node's. Reading a property
 * costs 30 to 60 ns for that; nothing but a proxy sees writes, and looks the same otherwise.
 * Guarded by test/monkey/patched-by-program.test.ts.
 */
function writtenThrough<T extends object>(
  made: T,
  real: T,
  isOurs: (key: PropertyKey) => boolean,
  assigned: readonly string[] = [],
): T {
  const update = (key: PropertyKey): void => {
    if (includes(assigned, key as string)) Reflect.set(made, key, Reflect.get(real, key));
  };
  const reading: ProxyHandler<T> = {
    get(_, key, receiver) {
      update(key);
      return Reflect.get(made, key, receiver);
    },
    getOwnPropertyDescriptor(_, key) {
      update(key);
      return Reflect.getOwnPropertyDescriptor(made, key);
    },
  };
  return new Proxy(made, {
    ...(assigned.length > 0 ? reading : {}),
    // A plain assignment ends up here, too.
    defineProperty(_, key, descriptor) {
      if (!Reflect.defineProperty(made, key, descriptor)) return false;
      if (isOurs(key)) return true;
      const { value } = descriptor;
      const inNode = originals.has(value)
        ? { ...descriptor, value: originals.get(value as object) }
        : descriptor;
      Reflect.defineProperty(real, key, inNode);
      return true;
    },
    deleteProperty(_, key) {
      if (!Reflect.deleteProperty(made, key)) return false;
      if (!isOurs(key)) Reflect.deleteProperty(real, key);
      return true;
    },
  });
}

/**
 * Makes the function that stands in a replaced module: calls `replacement` where the current code may
 * suspend in `module`, else `original`. To the eye it is `original`: same name, length, own properties
 * (`util.promisify.custom` among them), constructible only if `original` is.
 * Has `[aevent.orig]`, `[aevent.replacement]` and `[aevent.select]()`, which gives the one that a call made now would run.
 * @param module - the builtin's name, as `exclude` knows it
 */
export function suspending<F extends AnyFunction>(module: string, original: F, replacement: F): F {
  return choosing(original, replacement, () => maySuspend(module), module);
}

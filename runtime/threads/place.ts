// Where the objects are that those of this thread stand for.
import type { Operation } from './protocol.js';

/** The side of this thread, which asks. */
export interface Side {
  /** Asks something of an object of the thread's. */
  ask(operation: Operation, what: string, id: number, ...parts: readonly unknown[]): unknown;
  /** Its instance was closed. */
  closed(): void;
}

/** Where the object is that one of this thread stands for. */
export interface Place<S extends Side = Side> {
  readonly side: S;
  readonly id: number;
  readonly target: object;
  /** How a program gets it from the module, e.g. `['default', 'open']`; undefined for what it does not export. */
  readonly path: readonly string[] | undefined;
}

/** The places of all objects that stand for others. */
export const places: WeakMap<object, Place> = new WeakMap();

/** True of what has places, or properties. */
export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** The place of `this` in a method or accessor. @throws TypeError for what stands for nothing */
export function placeOfThis(self: unknown, name: string): Place {
  const place = isObject(self) ? places.get(self) : undefined;
  if (place === undefined) throw new TypeError(`Illegal invocation: ${name}() was called on another object`);
  return place;
}

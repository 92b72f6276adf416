// Giving an event to listeners that were added after it was emitted.
import type { EventEmitter } from 'node:events';
import { builtin } from '../../runtime/base/builtins.js';
import type { AnyFunction } from '../../runtime/base/disguise.js';
import { each, filter, indexOf, map, slice, splice } from '../../runtime/base/primordials.js';

const { prototype } = builtin<typeof import('node:events')>('events').EventEmitter;
const { emit, rawListeners } = prototype;

/** The functions that are registered for an event, with Node's `once` wrappers and those that stand for a program's listeners. */
export function registered(emitter: EventEmitter, event: string | symbol): readonly AnyFunction[] {
  return Reflect.apply(rawListeners, emitter, [event]) as AnyFunction[];
}

/** Those of `now` that are not in `before`, of which each stands for one registration. */
export function addedSince(
  before: readonly AnyFunction[],
  now: readonly AnyFunction[],
): readonly AnyFunction[] {
  if (before.length === 0) return now;
  const known = slice(before);
  return filter(now, (listener) => {
    const index = indexOf(known, listener);
    if (index >= 0) splice(known, index, 1);
    return index < 0;
  });
}

/** Emits to some of an emitter's listeners only, by Node's own rules: what rejects is captured, a domain is entered. */
export function emitTo(
  emitter: EventEmitter,
  listeners: readonly AnyFunction[],
  event: string | symbol,
  args: readonly unknown[],
): boolean {
  const bound = map(
    listeners,
    (listener) =>
      (...given: never[]): unknown =>
        Reflect.apply(listener, emitter, given),
  );
  let looked = false;
  const some = Object.create(emitter, {
    // Node's emit() reads it once.
    _events: {
      get(): unknown {
        const found = looked ? Reflect.get(emitter, '_events') : { __proto__: null, [event]: bound };
        looked = true;
        return found;
      },
    },
  });
  return Reflect.apply(emit, some, [event, ...each(args)] as never) as boolean;
}

// EventTargets whose listeners run in tasks, as those of emitters do (see emitter-listeners.ts). Node's `on()` of a MessagePort,
// and its other emitter-like methods, end up in the two methods of EventTarget.

import { isOwnAbortListener } from '../../runtime/base/abort-listeners.js';
import { type AnyFunction, disguise } from '../../runtime/base/disguise.js';
import { some } from '../../runtime/base/primordials.js';
import { asInternal } from '../../runtime/suspension/internally.js';
import { leaveTo, workHere } from '../../runtime/suspension/left-behind.js';
import { enteringDispatch } from './event-in-dispatch.js';

type Listener = AnyFunction | { readonly handleEvent?: AnyFunction } | null | undefined;
type Options = boolean | { capture?: boolean; once?: boolean } | undefined;

/** The function that is registered for a listener, by target, by event and phase, and by listener: a target takes each only once. */
const registered = new WeakMap<object, Map<string, WeakMap<object, AnyFunction>>>();

/** The listeners, by those functions. */
const standsFor = new WeakMap<object, Listener>();

/** Gives the program's listener for the function that is registered for it. */
export const programsListener = <T>(found: T): T =>
  (standsFor.get(found as object) as T | undefined) ?? found;

/**
 * Makes the members by which an EventTarget registers listeners that run in tasks.
 * @param prototype - whose methods register; has them itself or inherits them
 * @param events - those that have an `on…` property
 */
export function targetListenersInTasks(
  prototype: EventTarget,
  events: readonly string[],
): PropertyDescriptorMap {
  const add = inherited(prototype, 'addEventListener');
  const remove = inherited(prototype, 'removeEventListener');
  // No destructuring of what is called: Node uses ports itself, where a program has taken Array.prototype's iterator away.
  const members: PropertyDescriptorMap = {
    addEventListener: {
      ...add,
      value: disguise(add.value as AnyFunction, (self, args) => {
        if (args.length > 1) {
          args[1] = wrapped(self as object, args[0], args[1] as Listener, args[2] as Options);
        }
        return Reflect.apply(add.value, self, args);
      }),
    },
    removeEventListener: {
      ...remove,
      value: disguise(remove.value as AnyFunction, (self, args) => {
        // Node itself removes ours when the signal among the options of `addEventListener()` is aborted.
        const listener = programsListener(args[1] as Listener);
        const ours = forget(self as object, args[0], listener, args[2] as Options);
        if (ours !== undefined) args[1] = ours;
        return Reflect.apply(remove.value, self, args);
      }),
    },
  };
  for (const event of events) members[`on${event}`] = handlerProperty(inherited(prototype, `on${event}`));
  return members;
}

function inherited(prototype: object, key: string): PropertyDescriptor {
  for (let holder: object | null = prototype; holder !== null; holder = Object.getPrototypeOf(holder)) {
    const found = Object.getOwnPropertyDescriptor(holder, key);
    if (found !== undefined) return found;
  }
  throw new TypeError(`There is no ${key}`);
}

function keyOf(type: unknown, options: Options): string {
  const capture = typeof options === 'object' ? options?.capture : options;
  return `${capture ? 'capture' : ''} ${String(type)}`;
}

function wrapped(target: object, type: unknown, listener: Listener, options: Options): Listener {
  const isObject = typeof listener === 'object' && listener !== null;
  if (!isObject && typeof listener !== 'function') return listener;
  // A BroadcastChannel's own listener on the port inside it: it calls the program's, each of which is a task already.
  if (!isObject && listener.name === 'bound onMessageEvent') return listener;
  if (isOwnAbortListener(listener) || isNodesOwn(options)) return listener;
  // The methods of a port call those of every target, which are replaced, too.
  if (standsFor.has(listener)) return listener;
  const key = keyOf(type, options);
  const known = registered.get(target)?.get(key)?.get(listener);
  if (known !== undefined) return known;
  const call: AnyFunction = isObject
    ? (...args: never[]) => listener.handleEvent && Reflect.apply(listener.handleEvent, listener, args)
    : listener;
  const entered = enteringDispatch(call);
  if (entered === call) return listener;
  const once = typeof options === 'object' && options?.once === true;
  const work = workHere();
  const ours: AnyFunction = once
    ? function (this: unknown, ...args: never[]): unknown {
        forget(target, type, listener, options);
        leaveTo(work, target);
        return Reflect.apply(entered, this, args);
      }
    : entered;
  standsFor.set(ours, listener);
  const byKey = registered.get(target) ?? new Map<string, WeakMap<object, AnyFunction>>();
  registered.set(target, byKey);
  const byListener = byKey.get(key) ?? new WeakMap<object, AnyFunction>();
  byKey.set(key, byListener.set(listener, ours));
  return ours;
}

/** True for options of Node's own code, which has symbols for them; `on()` of a port has one, too. */
const isNodesOwn = (options: Options): boolean =>
  typeof options === 'object' &&
  options !== null &&
  some(Object.getOwnPropertySymbols(options), ({ description }) => description !== 'kIsNodeStyleListener');

function forget(target: object, type: unknown, listener: Listener, options: Options): Listener {
  const byListener = registered.get(target)?.get(keyOf(type, options));
  const ours = byListener?.get(listener as object);
  if (ours !== undefined) byListener?.delete(listener as object);
  return ours;
}

const handlers = new WeakMap<object, AnyFunction>();

/** `port.onmessage = handler`: reading it gives the handler itself. */
function handlerProperty(real: PropertyDescriptor): PropertyDescriptor {
  const get = real.get as () => unknown;
  const set = real.set as (value: unknown) => void;
  return {
    ...real,
    get: disguise(get as AnyFunction, (self) => {
      const value = Reflect.apply(get, self, []);
      return (typeof value === 'function' && handlers.get(value)) || value;
    }) as () => unknown,
    set: disguise(set as AnyFunction, (self, args) => {
      const value = args[0];
      const ours = typeof value === 'function' ? enteringDispatch(value as AnyFunction) : value;
      if (ours !== value) handlers.set(ours as AnyFunction, value as AnyFunction);
      // Node's setter registers a listener of its own that calls the handler.
      return asInternal(() => Reflect.apply(set, self, [ours]));
    }) as (value: unknown) => void,
  };
}

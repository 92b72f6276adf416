// Emitters whose listeners run in tasks: those that a program registers while it runs in an opted-in context.

import type { EventEmitter } from 'node:events';
import type { AnyFunction } from '../../runtime/base/disguise.js';
import { call, map } from '../../runtime/base/primordials.js';
import { inTask } from '../../runtime/suspension/in-task.js';
import { isNodes } from '../../runtime/suspension/internally.js';
import { leaveTo, workHere } from '../../runtime/suspension/left-behind.js';
import { isOnCarrier } from '../../runtime/suspension/native-core.js';
import {
  beginListener,
  followHere,
  madeHere,
  setListenersHere,
  waitsItsTurn,
} from '../../runtime/suspension/pieces.js';
import { hasPortal } from '../../runtime/suspension/portal.js';
import { adopt } from './adopt.js';
import { servesInOrder } from './serving.js';

class Stamp {
  constructor(on: object) {
    // biome-ignore lint/correctness/noConstructorReturn: a derived class gives it its private field
    return on;
  }
}

/** Marks stand-ins for listeners, by a field that no program sees and that costs less to give than any other property. */
class StandIn extends Stamp {
  readonly #isForGood: boolean;

  constructor(entered: AnyFunction, isForGood: boolean) {
    super(entered);
    this.#isForGood = isForGood;
  }

  static is(value: object): boolean {
    return #isForGood in value;
  }

  /** True for one that is registered for good, unlike Node's `once` wrappers and ours. */
  static isForGood(value: object): boolean {
    return #isForGood in value && value.#isForGood;
  }
}

/** Any listener; `listener` is the one that it stands for. */
export type Listener = AnyFunction & { listener?: AnyFunction };
type Add = (this: EventEmitter, event: string | symbol, listener: Listener) => EventEmitter;
type Raw = (this: EventEmitter, event: string | symbol) => Listener[];

/** Makes the function that is registered in place of a listener. */
export type Wrap = (listener: Listener, event: string | symbol) => Listener;

/**
 * Gives the function to call in place of `fn`, which an emitter or stream calls at any time: `fn` itself where no opted-in
 * context hands it over, else a function that enters `fn` as a task, with arguments to which aevent has added its methods. In code
 * that may suspend it is simply called: a program's own `emit` returns, as always, when its listeners are done.
 * @param apart - always enters a task of its own: for callbacks of a caller that must not wait, such as an http parser
 * @param adopting - false where the arguments have aevent's methods already
 */
export function entering<F extends AnyFunction>(fn: F, apart = false, adopting = true): F {
  if (typeof fn !== 'function' || isNodes()) return fn;
  const entered = inTask(fn, adopting ? adopt : undefined);
  if (entered === fn) return entered;
  return function (this: unknown, ...args: unknown[]): unknown {
    if (apart || !hasPortal()) {
      const enter = (): unknown => Reflect.apply(entered, this, args as never);
      return (apart || !isOnCarrier()) && waitsItsTurn(this, args[0], enter) ? undefined : enter();
    }
    for (let i = 0; i < args.length; i++) adopt(args[i]);
    return callAsListener(this, fn, this, args);
  } as unknown as F;
}

/** Calls `fn` on the caller's stack: while it is suspended, the next events and callbacks of `emitter` wait for it. */
export function callAsListener(
  emitter: unknown,
  fn: AnyFunction,
  self: unknown,
  args: ArrayLike<unknown>,
): unknown {
  const outer = beginListener(emitter);
  try {
    return Reflect.apply(fn, self, args as never);
  } finally {
    setListenersHere(outer);
  }
}

/**
 * Gives the function to register in place of `listener`, see {@link entering}. `removeListener`, `listeners` and the
 * 'newListener' event see the listener itself: Node takes `listener.listener` for the registered one, as it does for its
 * own `once` wrappers.
 */
export function listening(listener: Listener, apart = false, adopting = true): Listener {
  const entered = entering(listener, apart, adopting);
  return entered === listener ? listener : standingFor(listener, entered);
}

/** Makes `entered` look like `listener` to code that looks at the registered listeners. */
export function standingFor(listener: Listener, entered: Listener): Listener {
  entered.listener = listener;
  new StandIn(entered, true);
  return entered;
}

let areWaited = false;

/** Runs code of Node's that registers listeners, for a promise that code waits for: see {@link leaveTo}. */
export function waited<T>(fn: () => T): T {
  const before = areWaited;
  areWaited = true;
  try {
    return fn();
  } finally {
    areWaited = before;
  }
}

/** Gives a function that calls `fn`, and leaves `thing` to code that goes on after an `await` for it: see {@link leaveTo}. */
export function waking(thing: object, fn: AnyFunction): Listener {
  const work = workHere();
  return function (this: unknown, ...args: never[]): unknown {
    leaveTo(work, thing);
    return Reflect.apply(fn, this, args);
  };
}

/** True for a stand-in of a program's listener that runs in a task. */
export function entersTask(registered: Listener): boolean {
  return StandIn.is(registered);
}

/** As {@link listening}, for a listener that is always a task of its own. */
export const listeningApart = (listener: Listener): Listener => listening(listener, true);

/**
 * Makes the methods by which an emitter registers listeners that run in tasks.
 * @param prototype - Node's methods that register
 * @param wrap - makes the function that is registered in place of a listener
 */
export function listenersInTasks(
  prototype: EventEmitter,
  wrap: Wrap = (listener) => listening(listener),
): PropertyDescriptorMap {
  const append = prototype.addListener as Add;
  const prepend = prototype.prependListener as Add;
  const { once: appendOnce, prependOnceListener: prependOnce } = prototype as unknown as Record<string, Add>;
  const { rawListeners } = prototype as unknown as { rawListeners: Raw };
  const methods: Record<string, Add> = {
    addListener(event, listener) {
      return call(append, this, event, isNodes() ? listener : wrapped(this, event, listener, wrap));
    },
    prependListener(event, listener) {
      return call(prepend, this, event, isNodes() ? listener : wrapped(this, event, listener, wrap));
    },
    once(event, listener) {
      if (isNodes()) return call(appendOnce as Add, this, event, listener);
      return call(append, this, event, once(this, event, listener, wrap));
    },
    prependOnceListener(event, listener) {
      if (isNodes()) return call(prependOnce as Add, this, event, listener);
      return call(prepend, this, event, once(this, event, listener, wrap));
    },
  };
  methods.on = methods.addListener as Add;
  const looking: Record<string, Raw> = {
    rawListeners(event) {
      return map(call(rawListeners, this, event), (raw) =>
        StandIn.isForGood(raw) ? (raw.listener as Listener) : raw,
      );
    },
  };
  const describe = (value: AnyFunction): PropertyDescriptor => ({
    value,
    writable: true,
    configurable: true,
  });
  const all: [string, AnyFunction][] = Object.entries({ ...methods, ...looking });
  return Object.fromEntries(all.map(([name, method]) => [name, describe(method)]));
}

/** Gives what Node registers for `listener`. */
export const standInFor = (emitter: EventEmitter, event: string | symbol, listener: Listener): Listener =>
  isNodes() ? listener : wrapped(emitter, event, listener, (fn) => listening(fn));

/**
 * Makes the function that is registered. Events of a stream wait for the code that sets it flowing, as for code that makes it:
 * see held-events.ts. Before its first listener of 'data' or 'readable' `readableFlowing` is null, which no other emitter has.
 */
function wrapped(emitter: EventEmitter, event: string | symbol, listener: Listener, wrap: Wrap): Listener {
  if ((event === 'data' || event === 'readable') && Reflect.get(emitter, 'readableFlowing') === null)
    madeHere(emitter);
  const inOrder = servesInOrder(emitter, event) ? following(listener) : listener;
  const task = wrap(inOrder, event);
  if (task === inOrder) return listener;
  const entered = event === 'prefinish' ? beforeFinish(task) : task;
  if (areWaited) return standingFor(listener, waking(emitter, entered));
  entered.listener = listener;
  return entered;
}

/**
 * Node emits 'finish' when the listeners of 'prefinish' have returned, and at the end of each write but for those that are pending. One of
 * them may end while such a listener is suspended.
 */
function beforeFinish(entered: Listener): Listener {
  return function (this: EventEmitter, ...args: never[]): unknown {
    const { _writableState: state } = this as { _writableState?: { pendingcb: number } };
    const waits = state !== undefined && hasPortal();
    if (waits) state.pendingcb++;
    try {
      return Reflect.apply(entered, this, args);
    } finally {
      if (waits) state.pendingcb--;
    }
  };
}

/** Gives a listener of an emitter that serves, for an event that comes in order: see serving.ts. */
function following(listener: Listener): Listener {
  if (typeof listener !== 'function') return listener;
  return function (this: EventEmitter, ...args: never[]): unknown {
    followHere(this);
    return Reflect.apply(listener, this, args);
  };
}

function once(emitter: EventEmitter, event: string | symbol, listener: Listener, wrap: Wrap): Listener {
  if (typeof listener !== 'function') return listener;
  const entered = wrapped(emitter, event, listener, wrap);
  let fired = false;
  const work = workHere();
  // To the eye it is Node's.
  const { 'bound onceWrapper': onlyOnce } = {
    'bound onceWrapper'(this: unknown, ...args: unknown[]): unknown {
      if (fired) return undefined;
      fired = true;
      leaveTo(work, emitter); // code that waits for the event by `await` goes on in a microtask
      emitter.removeListener(event, onlyOnce as never);
      // Not the proxy that the program has of a module which is an emitter.
      return Reflect.apply(entered, this, args as never);
    },
  };
  (onlyOnce as Listener).listener = listener;
  new StandIn(onlyOnce as AnyFunction, false);
  return onlyOnce as Listener;
}

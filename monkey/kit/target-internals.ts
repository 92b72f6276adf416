// The insides of Node's EventTarget that aevent uses: the list of an event's listeners, the method that calls them, and the
// moment a target is made. Each is tried out before it is relied on.
import { builtin } from '../../runtime/base/builtins.js';
import { describe } from '../../runtime/base/describe.js';
import { features } from '../../runtime/base/features.js';
import { call, each, includes, join, push } from '../../runtime/base/primordials.js';
import { symbolNamed } from '../../runtime/base/symbol-named.js';

/** A listener as Node keeps it: a link of the list of one event. */
export interface Registration {
  readonly next: Registration | undefined;
  /** The listener; of one that is held weakly, a WeakRef. */
  readonly listener: unknown;
  readonly weak: boolean;
  /** True for listeners that Node itself adds to a signal, and those of `events.addAbortListener()`. */
  readonly resistStopPropagation: boolean;
  /** True for one that Node passes over. */
  removed: boolean;
}

type Dispatch = (this: EventTarget, value: unknown, type: string, event: Event | undefined) => unknown;
type Lists = { get(type: string): { next?: Registration } | undefined };

/** By which an event is dispatched: by `dispatchEvent()`, and by a port that has got a message. */
export const hybridDispatch: unique symbol = Symbol.for('nodejs.internal.kHybridDispatch') as never;
/** Where a port puts the ports that came with a message until its event is made. */
const receivedPorts = Symbol.for('nodejs.internal.kCurrentlyReceivingPorts');

const { BroadcastChannel } = builtin<typeof import('node:worker_threads')>('worker_threads');
// The global one may be another, as in tests that run in jsdom.
const Target = Object.getPrototypeOf(BroadcastChannel) as typeof EventTarget;
const NodesEvent = globalThis.Event;
const { prototype } = Target;
const { addEventListener, dispatchEvent } = prototype;
const { isPrototypeOf: isInChainOf } = Object.prototype;
const nodesDispatch = Reflect.get(prototype, hybridDispatch) as Dispatch;
/** Where a target has its lists: it is given them when it is made. */
const lists = symbolNamed(new Target(), 'kEvents');

/** True for an EventTarget of Node's, also of a derived class. */
export const isTarget = (value: object): value is EventTarget => call(isInChainOf, prototype, value);

/** The listeners of an event, in order. */
export function registrations(target: EventTarget, type: string): readonly Registration[] {
  const found: Registration[] = [];
  const list = (Reflect.get(target, lists as symbol) as Lists | undefined)?.get(type);
  for (let at = list?.next; at !== undefined; at = at.next) push(found, at);
  return found;
}

/** An event on its way to a target. */
export class Dispatched {
  readonly target: EventTarget;
  readonly type: string;
  readonly value: unknown;
  readonly #event: Event | undefined;
  readonly #ports: unknown;

  constructor(target: EventTarget, args: readonly unknown[]) {
    this.target = target;
    this.value = args[0];
    this.type = args[1] as string;
    this.#event = args[2] as Event | undefined;
    this.#ports = Reflect.get(target, receivedPorts);
  }

  /** Calls all listeners, as Node does. */
  toAll(): unknown {
    if (this.#ports === undefined) return this.#dispatch();
    Reflect.set(this.target, receivedPorts, this.#ports);
    try {
      return this.#dispatch();
    } finally {
      Reflect.set(this.target, receivedPorts, undefined);
    }
  }

  /** Calls some of the listeners. To be called on the main stack: while another one is suspended the rest would be deaf. */
  to(chosen: readonly Registration[]): void {
    const deaf: Registration[] = [];
    for (const other of each(registrations(this.target, this.type))) {
      if (other.removed || includes(chosen, other)) continue;
      other.removed = true;
      push(deaf, other);
    }
    try {
      this.toAll();
    } finally {
      for (const other of each(deaf)) other.removed = false;
    }
  }

  #dispatch(): unknown {
    return call(nodesDispatch, this.target, this.value, this.type, this.#event);
  }
}

/** Calls `made` for each target that is made from now on. @returns false if that can't be done here */
export function watchTargets(made: (target: EventTarget) => void): boolean {
  let why: string;
  try {
    why = whyNot();
  } catch (error) {
    why = describe(error);
  }
  features.eventTargets = why === '' ? 'on' : `off: ${why}`;
  if (why === '') watch(made);
  return why === '';
}

function watch(made: (target: EventTarget) => void): () => void {
  const set = function (this: EventTarget, value: unknown): void {
    Reflect.defineProperty(this, lists as symbol, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
    if (this !== prototype) made(this);
  };
  Reflect.defineProperty(prototype, lists as symbol, { set, configurable: true });
  return () => {
    if (Object.getOwnPropertyDescriptor(prototype, lists as symbol)?.set === set)
      Reflect.deleteProperty(prototype, lists as symbol);
  };
}

/** Tries it out. @returns empty, or why it can't be used here */
function whyNot(): string {
  if (lists === undefined) return "Node's EventTarget has no kEvents";
  if (typeof nodesDispatch !== 'function') return "Node's EventTarget has no kHybridDispatch";
  if (Object.isFrozen(prototype)) return 'EventTarget.prototype is frozen';
  let madeOne: EventTarget | undefined;
  const stop = watch((target) => {
    madeOne = target;
  });
  const target = new Target();
  stop();
  if (madeOne !== target) return 'a target is made in another way';
  const heard: string[] = [];
  const listener = (name: string) => (): void => {
    push(heard, name);
  };
  call(addEventListener, target, 'x', listener('a'));
  call(addEventListener, target, 'x', listener('b'), { once: true });
  const [first, second] = each(registrations(target, 'x'));
  if (first === undefined || second === undefined || first.weak !== false)
    return 'listeners are kept in another way';
  if (first.resistStopPropagation !== false) return "Node's own listeners cannot be told";
  let kept: Dispatched | undefined;
  Reflect.defineProperty(target, hybridDispatch, {
    value: (...args: unknown[]) => {
      kept = new Dispatched(target, args);
    },
    configurable: true,
  });
  call(dispatchEvent, target, new NodesEvent('x'));
  if (kept?.type !== 'x' || heard.length > 0) return 'events are dispatched in another way';
  kept.to([second]);
  if (join(heard, '') !== 'b' || registrations(target, 'x').length !== 1)
    return 'listeners are called in another way';
  kept.toAll();
  return join(heard, '') === 'ba' ? '' : 'listeners are called in another way';
}

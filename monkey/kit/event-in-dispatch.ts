// An event of Node's EventTarget knows whether it is being dispatched: by that it has a `currentTarget`, a phase and a path. Node's loop
// over the listeners has ended when one of them is suspended that runs in a task. So the event is kept being dispatched until the
// listener has ended, and the listeners that are called after it see whether it has stopped the event.
import { globals } from '../../runtime/base/builtins.js';
import type { AnyFunction } from '../../runtime/base/disguise.js';
import { call } from '../../runtime/base/primordials.js';
import { symbolNamed } from '../../runtime/base/symbol-named.js';
import { containerOf } from '../../runtime/suspension/containment.js';
import { entering } from './emitter-listeners.js';

const { isPrototypeOf: isInChainOf } = Object.prototype;
const NodesEvent = globalThis.Event;

const isDispatched = symbolNamed(new NodesEvent('x'), 'kIsBeingDispatched');

/** A call of a listener. */
interface Run {
  isOver: boolean;
  /** True if Node has gone on meanwhile. */
  isLate: boolean;
  /** Set if the event is kept for it. */
  leave: (() => void) | undefined;
}

/** The call that is about to be entered. */
let begun: Run | undefined;

/** Has an event stay as it is in a listener. @returns the end of that */
function keepDispatched(event: Event): () => void {
  define(event, { get: () => true, set: () => {} });
  return () => define(event, { value: false, writable: true });
}

function define(event: Event, how: PropertyDescriptor): void {
  Reflect.defineProperty(event, isDispatched as symbol, { enumerable: true, configurable: true, ...how });
}

/** Node looks at that before each listener. */
function isStopped(event: Event): boolean {
  const stop = symbolNamed(event, 'kStop');
  return stop !== undefined && Reflect.get(event, stop) === true;
}

/** Gives the function to register for a listener, as `entering()` does. */
export function enteringDispatch(listener: AnyFunction): AnyFunction {
  const noted = function (this: unknown, ...args: unknown[]): unknown {
    const run = begun;
    begun = undefined;
    const event = args[0];
    // A listener that has waited for another one is not in Node's loop.
    if (run === undefined && isEvent(event) && isStopped(event)) return undefined;
    try {
      const result: unknown = Reflect.apply(listener, this, args as never);
      if ((run === undefined || run.isLate) && containerOf() === undefined) throwLater(result);
      return result;
    } finally {
      if (run !== undefined) run.isOver = true;
      run?.leave?.();
    }
  };
  const entered = entering(noted as AnyFunction);
  if (entered === noted) return listener;
  return function (this: unknown, ...args: unknown[]): unknown {
    const event = args[0];
    // Only the first listener has it be dispatched in Node.
    const isKept = isEvent(event) && Reflect.get(event, isDispatched as symbol) === true;
    const run: Run = { isOver: false, isLate: false, leave: undefined };
    begun = run;
    try {
      return Reflect.apply(entered, this, args as never);
    } finally {
      const hasBegun = begun !== run;
      begun = undefined;
      run.isLate = true;
      if (isKept && hasBegun && !run.isOver) run.leave = keepDispatched(event);
    }
  };
}

/** Has a listener whose promise rejects end in an uncaught exception: Node sees to it for those that return at once. */
function throwLater(result: unknown): void {
  const then = (result as { then?: unknown } | null | undefined)?.then;
  if (typeof then !== 'function') return;
  call(then as PromiseLike<unknown>['then'], result as PromiseLike<unknown>, undefined, (error: unknown) =>
    globals.nextTick(() => {
      throw error;
    }),
  );
}

/** False for what a listener of `on()` gets: the data of the event. */
const isEvent = (value: unknown): value is Event =>
  isDispatched !== undefined && call(isInChainOf, NodesEvent.prototype, value as object);

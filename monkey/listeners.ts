import type { EventEmitter } from 'node:events';
import { inTask } from '../runtime/callbacks.js';
import type { AnyFunction } from '../runtime/patch.js';

type Listener = AnyFunction & { listener?: AnyFunction };
type Add = (this: EventEmitter, event: string | symbol, listener: Listener) => EventEmitter;

/**
 * Makes the methods by which an emitter runs in tasks those listeners that are registered in an opted-in context.
 * `removeListener`, `listeners` and the 'newListener' event see the listener itself: Node takes `listener.listener`
 * for what is registered, as it does for its own `once` wrappers.
 * @param prototype - whose methods register
 */
export function listenersInTasks(prototype: EventEmitter): PropertyDescriptorMap {
  const append = prototype.addListener as Add;
  const prepend = prototype.prependListener as Add;
  const on: Add = function on(event, listener) {
    return append.call(this, event, entering(listener));
  };
  const methods: Record<string, Add> = {
    on,
    addListener: on,
    prependListener(event, listener) {
      return prepend.call(this, event, entering(listener));
    },
    once(event, listener) {
      return append.call(this, event, once(this, event, listener));
    },
    prependOnceListener(event, listener) {
      return prepend.call(this, event, once(this, event, listener));
    },
  };
  const describe = (value: Add): PropertyDescriptor => ({ value, writable: true, configurable: true });
  return Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, describe(method)]));
}

function entering(listener: Listener): Listener {
  if (typeof listener !== 'function') return listener;
  const entered: Listener = inTask(listener);
  if (entered !== listener) entered.listener = listener;
  return entered;
}

function once(emitter: EventEmitter, event: string | symbol, listener: Listener): Listener {
  if (typeof listener !== 'function') return listener;
  const entered = inTask(listener);
  let fired = false;
  const onlyOnce: Listener = (...args: unknown[]) => {
    if (fired) return undefined;
    fired = true;
    emitter.removeListener(event, onlyOnce as never);
    return Reflect.apply(entered, emitter, args as never);
  };
  onlyOnce.listener = listener;
  return onlyOnce;
}

// A port whose listener is suspended where plain Node blocks delivers nothing, as there: the messages stay in its queue, where
// receiveMessageOnPort() finds them, and with which it is transferred. Node stops a port itself when its last listener is removed.
import { builtin, globals } from '../../runtime/base/builtins.js';
import { call } from '../../runtime/base/primordials.js';
import { symbolNamed } from '../../runtime/base/symbol-named.js';
import type { Flowing } from './stopped-streams.js';
import { registrations } from './target-internals.js';

const { MessagePort, BroadcastChannel } = builtin<typeof import('node:worker_threads')>('worker_threads');
const { isPrototypeOf: isInChainOf } = Object.prototype;
const { start, ref, hasRef } = MessagePort.prototype as unknown as Record<string, () => unknown>;

type Port = EventTarget & Record<symbol, (size: number, event: string) => void>;

const own = (object: object, name: string): unknown => {
  const symbol = symbolNamed(object, name);
  return symbol && Reflect.get(object, symbol);
};

/** The port by which a target gets messages. */
function portOf(target: object): Port | undefined {
  if (call(isInChainOf, MessagePort.prototype, target)) return target as Port;
  return call(isInChainOf, BroadcastChannel.prototype, target) ? (own(target, 'kHandle') as Port) : undefined;
}

/** How many listeners of a port have it stopped. */
const stopped = new WeakMap<Port, number>();

/** The ports that have gone on and are yet to deliver what came meanwhile, each with its end if the program has closed it. */
const delivering = new WeakMap<Port, (() => void) | undefined>();

function delivered(port: Port): void {
  if ((stopped.get(port) ?? 0) > 0) return;
  const end = delivering.get(port);
  delivering.delete(port);
  end?.();
}

/**
 * Has a port be closed when it has delivered: a port that is closed in plain Node while it calls a listener goes on with its messages.
 * @returns false if it may be closed now
 */
export function closeDelivered(port: EventTarget, close: () => void): boolean {
  if (!delivering.has(port as Port)) return false;
  delivering.set(port as Port, close);
  return true;
}

/** Has a port deliver nothing. @returns the end of that; undefined for any other target */
export function stopDelivery(target: object): Flowing | undefined {
  const port = portOf(target);
  const removed = port && own(port, 'kRemoveListener');
  if (port === undefined || typeof removed !== 'function') return undefined;
  stopped.set(port, (stopped.get(port) ?? 0) + 1);
  // As if there were no listener any more.
  const hadRef = call(hasRef as () => unknown, port);
  Reflect.apply(removed, port, [0, 'message']);
  if (hadRef) call(ref as () => unknown, port);
  return {
    resume() {
      const left = (stopped.get(port) ?? 0) - 1;
      stopped.set(port, left);
      if (left > 0 || registrations(port, 'message').length === 0) return;
      call(start as () => unknown, port);
      // It delivers when the loop polls next. That is between two immediates, which hold the loop if the port does not.
      globals.setImmediate(() => globals.setImmediate(delivered, port));
      delivering.set(port, delivering.get(port));
    },
  };
}

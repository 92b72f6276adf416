// The classes of requests and responses, which http and https share.
import type { EventEmitter } from 'node:events';
import { builtin } from '../../runtime/builtins.js';
import type { AnyFunction } from '../../runtime/patch.js';
import { listenersInTasks, listening } from '../listeners.js';
import { members } from '../members.js';
import { endSync, writeSync } from '../stream/sync-methods.js';
import { taskClass } from '../task-class.js';

type Http = typeof import('node:http');

declare module 'node:http' {
  interface OutgoingMessage {
    /**
     * Writes a chunk of the body; suspends while the buffer is above the high-water mark.
     * @throws as `stream.Writable.writeSync()`
     */
    writeSync(chunk: string | Uint8Array, encoding?: BufferEncoding): void;
    /**
     * Ends the message, after a last chunk if there is one; suspends until all of it was handed to the system.
     * @throws as `stream.Writable.endSync()`
     */
    endSync(chunk?: string | Uint8Array, encoding?: BufferEncoding): void;
  }
}

const real = builtin<Http>('http');

// Their events are emitted in the middle of Node's http parser, which must never wait: each listener is a task of its own.
const apart = (): boolean => true;

/** What stands in place of a listener of http: see {@link listening}. */
export const listeningApart = (listener: AnyFunction): AnyFunction => listening(listener, true);

/** The listeners of a class of http. */
export const listenersApart = (prototype: object): PropertyDescriptorMap =>
  listenersInTasks(prototype as EventEmitter, apart);

/** The replaced classes. */
export const IncomingMessage: Http['IncomingMessage'] = replaced('IncomingMessage');
export const OutgoingMessage: Http['OutgoingMessage'] = replaced('OutgoingMessage');
export const ServerResponse: Http['ServerResponse'] = replaced('ServerResponse');
export const ClientRequest: Http['ClientRequest'] = replaced('ClientRequest');

function replaced<K extends 'IncomingMessage' | 'OutgoingMessage' | 'ServerResponse' | 'ClientRequest'>(
  name: K,
): Http[K] {
  return taskClass(real[name], listenersApart(real[name].prototype), { callback: listeningApart });
}

/** Has a server make requests and responses of the replaced classes, unless its options name others. */
export function withOurMessages(args: unknown[]): void {
  const [options] = args;
  if (options == null) args[0] = { IncomingMessage, ServerResponse };
  else if (typeof options === 'function') args.unshift({ IncomingMessage, ServerResponse });
  else if (typeof options === 'object' && !Array.isArray(options)) {
    const { IncomingMessage: incoming, ServerResponse: response } = options as Partial<Http>;
    args[0] = Object.assign(
      Object.create(Object.getPrototypeOf(options), Object.getOwnPropertyDescriptors(options)),
      { IncomingMessage: incoming ?? IncomingMessage, ServerResponse: response ?? ServerResponse },
    );
  }
}

Object.defineProperties(real.OutgoingMessage.prototype, members({ writeSync, endSync }));

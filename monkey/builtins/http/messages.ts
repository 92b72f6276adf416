// The classes of requests and responses, which http and https share.

import type { EventEmitter } from 'node:events';
import { builtin } from '../../../runtime/base/builtins.js';
import { disguise } from '../../../runtime/base/disguise.js';
import { call } from '../../../runtime/base/primordials.js';
import type { SyncBody } from '../../../runtime/io/fetch-sync.js';
import { asInternal, isNodes } from '../../../runtime/suspension/internally.js';
import { listenersInTasks, listeningApart } from '../../kit/emitter-listeners.js';
import { members } from '../../kit/prototype-members.js';
import { taskClass } from '../../kit/replace-class.js';
import { endSync, writeSync } from '../stream/sync-methods.js';
import { bodyReaders } from './body.js';
import type { GetSync, RequestSync } from './request-sync.js';

type Http = typeof import('node:http');
type Request = import('node:http').ClientRequest & { readonly _ended?: boolean };

declare module 'node:http' {
  export var requestSync: RequestSync;
  export var getSync: GetSync;
  interface IncomingMessage extends SyncBody {}
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
    endSync(chunk?: string | Uint8Array | null, encoding?: BufferEncoding): void;
  }
}

const real = builtin<Http>('http');

/**
 * The listeners of a class of http. Their events are emitted in the middle of Node's http parser, which must never wait:
 * each is a task of its own.
 */
export const listenersApart = (prototype: object): PropertyDescriptorMap =>
  listenersInTasks(prototype as EventEmitter, listeningApart);

/** The replaced classes. */
export const IncomingMessage: Http['IncomingMessage'] = replaced('IncomingMessage');
export const OutgoingMessage: Http['OutgoingMessage'] = replaced('OutgoingMessage');
export const ServerResponse: Http['ServerResponse'] = replaced('ServerResponse');
export const ClientRequest: Http['ClientRequest'] = replaced(
  'ClientRequest',
  members({ setTimeout: settingTimeout(real.ClientRequest.prototype.setTimeout) }),
);

function replaced<K extends 'IncomingMessage' | 'OutgoingMessage' | 'ServerResponse' | 'ClientRequest'>(
  name: K,
  added: PropertyDescriptorMap = {},
): Http[K] {
  const listeners = listenersApart(real[name].prototype);
  return taskClass(real[name], { ...listeners, ...added }, { callback: listeningApart });
}

/** Node's own listener of the socket tells the request: in a task, the request's listeners would not wait for each other. */
function settingTimeout(original: Request['setTimeout']): Request['setTimeout'] {
  return disguise(original, (self, args) => {
    if (isNodes()) return Reflect.apply(original, self, args as never);
    const request = self as Request;
    const [ms, callback] = args as [number, (() => void)?];
    asInternal(() => call(original, request, ms));
    if (callback && !request._ended) request.once('timeout', callback);
    return request;
  });
}

/**
 * Makes objects of a replaced class as Node's server does, with nothing of what a program might want besides: for each
 * request there are two of them.
 */
function madeByServer<K extends 'IncomingMessage' | 'ServerResponse'>(name: K, ours: Http[K]): Http[K] {
  const realClass = real[name] as unknown as (first: unknown, options: unknown) => void;
  function made(this: object, first: unknown, options: unknown): void {
    call(realClass, this, first, options);
  }
  made.prototype = ours.prototype;
  // V8 makes room in its objects for the properties that it counts in the constructors along this chain. With too little
  // of it they become dictionaries, which costs a request several microseconds.
  Object.setPrototypeOf(made, realClass);
  return made as unknown as Http[K];
}

const served: Pick<Http, 'IncomingMessage' | 'ServerResponse'> = {
  IncomingMessage: madeByServer('IncomingMessage', IncomingMessage),
  ServerResponse: madeByServer('ServerResponse', ServerResponse),
};

/** Has a server make requests and responses of the replaced classes, unless its options name others. */
export function withOurMessages(args: unknown[]): void {
  const [options] = args;
  if (options == null) args[0] = { ...served };
  else if (typeof options === 'function') args.unshift({ ...served });
  else if (typeof options === 'object' && !Array.isArray(options)) {
    const { IncomingMessage: incoming, ServerResponse: response } = options as Partial<Http>;
    args[0] = Object.assign(
      Object.create(Object.getPrototypeOf(options), Object.getOwnPropertyDescriptors(options)),
      {
        IncomingMessage: incoming ?? served.IncomingMessage,
        ServerResponse: response ?? served.ServerResponse,
      },
    );
  }
}

Object.defineProperties(real.IncomingMessage.prototype, members(bodyReaders));
Object.defineProperties(real.OutgoingMessage.prototype, members({ writeSync, endSync }));

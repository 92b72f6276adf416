// Emitters that get requests, connections, datagrams or streams of HTTP/2. These are independent of each other, and so are the handlers
// that each is given to: they do not wait for a listener of the emitter that is suspended, as its other events do.
import type { EventEmitter } from 'node:events';
import { builtin } from '../../runtime/base/builtins.js';
import { call } from '../../runtime/base/primordials.js';

const { Server } = builtin<typeof import('node:net')>('net');
const { Socket: Datagrams } = builtin<typeof import('node:dgram')>('dgram');
const { isPrototypeOf: isInChainOf } = Object.prototype;

/** Has a method of that name only if it is a session of HTTP/2, a server for its streams. */
const GOAWAY = 'goaway';
/** The events of such emitters that come one after the other; a server has only the first ones. */
const OF_SERVERS = new Set<string | symbol>(['listening', 'close', 'error']);
const IN_ORDER = new Set<string | symbol>([
  ...OF_SERVERS,
  'altsvc',
  'connect',
  'frameError',
  'goaway',
  'localSettings',
  'origin',
  'ping',
  'remoteSettings',
  'timeout',
]);

/** True for a server of any kind. */
export const isServer = (emitter: object): boolean => call(isInChainOf, Server.prototype, emitter);

/** True for such an emitter. */
export const serves = (emitter: object): boolean =>
  isServer(emitter) || call(isInChainOf, Datagrams.prototype, emitter) || GOAWAY in emitter;

/** True for an event of such an emitter that comes in order. */
export const servesInOrder = (emitter: EventEmitter, event: string | symbol): boolean =>
  IN_ORDER.has(event) && (isServer(emitter) ? OF_SERVERS.has(event) : serves(emitter));

/** True for one that does not wait for a suspended listener. */
export const comesApart = (emitter: object, event: string | symbol | undefined): boolean =>
  event !== undefined && serves(emitter) && !servesInOrder(emitter as EventEmitter, event);

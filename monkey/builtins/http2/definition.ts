// The replaced `http2`.

import type { EventEmitter } from 'node:events';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { builtin } from '../../../runtime/base/builtins.js';
import type { AnyFunction } from '../../../runtime/base/disguise.js';
import { call, each, filter, ownValue } from '../../../runtime/base/primordials.js';
import { isNodes } from '../../../runtime/suspension/internally.js';
import { actingMembers } from '../../kit/acting.js';
import { adopt, adoptWhere } from '../../kit/adopt.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { starting } from '../../kit/emitter-factory.js';
import { entersTask, listeningApart, standingFor } from '../../kit/emitter-listeners.js';
import { HeldEmitter } from '../../kit/held-emitter.js';
import { keepEventsOf } from '../../kit/held-events.js';
import { emitTo, registered } from '../../kit/late-listeners.js';
import { members } from '../../kit/prototype-members.js';
import { listenersApart } from '../http/messages.js';
import '../tls/definition.js';

type Http2 = typeof import('node:http2');

const real = builtin<Http2>('http2');
const { emit, on, removeListener } = builtin<typeof import('node:events')>('events').EventEmitter.prototype;

/** Classes that the module does not export. */
const CLASSES = new Set([
  'Http2Server',
  'Http2SecureServer',
  'ServerHttp2Session',
  'ClientHttp2Session',
  'ServerHttp2Stream',
  'ClientHttp2Stream',
  'Http2ServerRequest',
  'Http2ServerResponse',
]);

// Events are emitted in the middle of what nghttp2 does, which must not wait: each listener is a task of its own.
const find = (prototype: object): object | undefined => {
  const own = ownValue(prototype, 'constructor') as AnyFunction | undefined;
  if (typeof own !== 'function' || !CLASSES.has(own.name)) return undefined;
  const added = own.name === 'ClientHttp2Session' ? members({ request: requesting(prototype as never) }) : {};
  return Object.create(prototype, {
    ...listenersApart(prototype),
    ...actingMembers(prototype, added),
    ...added,
  });
};

/** The events that a session emits only if it has a listener: a program may add one only after a call that suspends. */
const ASKED_FOR = ['remoteSettings', 'altsvc', 'ping'];

adoptWhere(find, (adopted) => {
  const session = adopted as EventEmitter;
  if (!('goaway' in session)) return;
  // Node's listener has the native part of the session tell.
  for (const event of each(ASKED_FOR)) call(emit, session, 'newListener', event, () => {});
});

function requesting(prototype: ClientHttp2Session): AnyFunction {
  const { request } = prototype;
  return function (this: ClientHttp2Session, ...args: Parameters<typeof request>): ClientHttp2Stream {
    const stream = adopt(keepEventsOf(Reflect.apply(request, this, args)));
    if (!isNodes() && HeldEmitter.keeps(this, 'connect')) readyOnConnect(this, stream);
    return stream;
  };
}

/**
 * Code that is yet to hear that the session is connected hears after that, in plain Node, that a stream is ready. Here the stream has
 * said so within `request()`, before it had listeners.
 */
function readyOnConnect(session: ClientHttp2Session, stream: ClientHttp2Stream): void {
  const tell = (): void => {
    const listeners = filter(registered(stream, 'ready'), entersTask);
    if (listeners.length > 0) emitTo(stream, listeners, 'ready', []);
  };
  const once = (): void => {
    call(removeListener, session, 'connect', once);
    tell();
  };
  call(on, session, 'connect', standingFor(tell, once) as () => void);
}

/** `http2`: handlers and listeners run in tasks; streams can be read and written synchronously, as all streams can. */
export const definition: MonkeyModule<Http2> = defineModule<Http2>('http2', {
  implemented: {
    connect: starting(real.connect, listeningApart),
    createServer: starting(real.createServer, listeningApart),
    createSecureServer: starting(real.createSecureServer, listeningApart),
  },
});

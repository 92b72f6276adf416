// The replaced `http2`.
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { builtin } from '../../../runtime/base/builtins.js';
import type { AnyFunction } from '../../../runtime/base/disguise.js';
import { actingMembers } from '../../kit/acting.js';
import { adopt, adoptWhere } from '../../kit/adopt.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { starting } from '../../kit/emitter-factory.js';
import { listeningApart } from '../../kit/emitter-listeners.js';
import { keepEventsOf } from '../../kit/held-events.js';
import { members } from '../../kit/prototype-members.js';
import { listenersApart } from '../http/messages.js';
import '../tls/definition.js';

type Http2 = typeof import('node:http2');

const real = builtin<Http2>('http2');

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
adoptWhere((prototype) => {
  const own = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as AnyFunction | undefined;
  if (typeof own !== 'function' || !CLASSES.has(own.name)) return undefined;
  const added = own.name === 'ClientHttp2Session' ? members({ request: requesting(prototype as never) }) : {};
  return Object.create(prototype, {
    ...listenersApart(prototype),
    ...actingMembers(prototype, added),
    ...added,
  });
});

function requesting(prototype: ClientHttp2Session): AnyFunction {
  const { request } = prototype;
  return function (this: ClientHttp2Session, ...args: Parameters<typeof request>): ClientHttp2Stream {
    return adopt(keepEventsOf(Reflect.apply(request, this, args)));
  };
}

/** `http2`: handlers and listeners run in tasks; streams can be read and written synchronously, as all streams can. */
export const definition: MonkeyModule<Http2> = defineModule<Http2>('http2', {
  implemented: {
    connect: starting(real.connect, listeningApart),
    createServer: starting(real.createServer, listeningApart),
    createSecureServer: starting(real.createSecureServer, listeningApart),
  },
});

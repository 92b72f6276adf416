import { builtin } from '../../runtime/builtins.js';
import { disguise } from '../../runtime/patch.js';
import { defineModule, type MonkeyModule } from '../define.js';
import { starting } from '../starting.js';
import { taskClass } from '../task-class.js';
import {
  ClientRequest,
  IncomingMessage,
  listenersApart,
  listeningApart,
  OutgoingMessage,
  ServerResponse,
  withOurMessages,
} from './messages.js';
import { type SyncRequests, syncRequests } from './request-sync.js';
// The sockets that reach a program are those of `net`.
import '../net/definition.js';

type Http = typeof import('node:http');

const real = builtin<Http>('http');

const Server = taskClass(real.Server, listenersApart(real.Server.prototype), {
  callback: listeningApart,
  before: withOurMessages,
});

/** `http`: every handler is a task of its own; requests have a form that waits for the response. */
export const definition: MonkeyModule<Http & SyncRequests> = defineModule<Http & SyncRequests>('http', {
  implemented: {
    ClientRequest,
    IncomingMessage,
    OutgoingMessage,
    ServerResponse,
    Server,
    createServer: disguise(real.createServer, (_, args) => Reflect.construct(Server, args)),
    get: starting(real.get, listeningApart),
    request: starting(real.request, listeningApart),
  },
  added: { ...syncRequests('http', real.request) },
});

import { builtin } from '../../runtime/builtins.js';
import { disguise } from '../../runtime/patch.js';
import { defineModule, type MonkeyModule } from '../define.js';
import { listenersApart, listeningApart, withOurMessages } from '../http/messages.js';
import { type SyncRequests, syncRequests } from '../http/request-sync.js';
import { starting } from '../starting.js';
import { taskClass } from '../task-class.js';
// The sockets that reach a program are those of `tls`.
import '../tls/definition.js';

type Https = typeof import('node:https');

const real = builtin<Https>('https');

const Server = taskClass(real.Server, listenersApart(real.Server.prototype), {
  callback: listeningApart,
  before: withOurMessages,
});

/** `https`: as `http`. */
export const definition: MonkeyModule<Https & SyncRequests> = defineModule<Https & SyncRequests>('https', {
  implemented: {
    Server,
    createServer: disguise(real.createServer, (_, args) => Reflect.construct(Server, args)),
    get: starting(real.get, listeningApart),
    request: starting(real.request, listeningApart),
  },
  added: { ...syncRequests('https', real.request) },
});

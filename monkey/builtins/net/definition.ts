// The replaced `net`.
import { builtin } from '../../../runtime/base/builtins.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { starting } from '../../kit/emitter-factory.js';
import { listenersInTasks } from '../../kit/emitter-listeners.js';
import { taskClass } from '../../kit/replace-class.js';
import { listenThroughOurs } from './sockets-of-http.js';
import { connectSync } from './sync-methods.js';

type Net = typeof import('node:net');

const real = builtin<Net>('net');

const Socket = taskClass(real.Socket, listenersInTasks(real.Socket.prototype), {
  adopted: listenThroughOurs,
  calledFirst: ['connect'],
});
const Server = taskClass(real.Server, listenersInTasks(real.Server.prototype), {
  // On the servers of http and tls, too, and on those that share connections among the processes of a cluster.
  calledFirst: ['listen', 'close', 'address', 'getConnections', 'ref', 'unref'],
});

/** `net`: listeners run in tasks; connecting, listening and accepting have a form that waits. */
export const definition: MonkeyModule<Net & { connectSync: Net['connect'] }> = defineModule<
  Net & { connectSync: Net['connect'] }
>('net', {
  implemented: {
    Socket,
    Stream: Socket,
    Server,
    connect: starting(real.connect),
    createConnection: starting(real.createConnection),
    createServer: starting(real.createServer),
  },
  added: { connectSync },
});

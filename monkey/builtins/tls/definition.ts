// The replaced `tls`.
import type { TLSSocket } from 'node:tls';
import { wholeTls } from '../../../runtime/base/whole-tls.js';
import { onMain } from '../../../runtime/hazards/on-main-stack.js';
import { keepRootCertificatesOnMain } from '../../../runtime/hazards/root-certificates.js';
import { withTicks } from '../../../runtime/suspension/ticks.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { starting } from '../../kit/emitter-factory.js';
import { listenersInTasks } from '../../kit/emitter-listeners.js';
import { noteDriver } from '../../kit/kin.js';
import { taskClass } from '../../kit/replace-class.js';
import { listenThroughOurs } from '../net/sockets-of-http.js';
import { acceptFrom, connected } from '../net/sync-methods.js';
import '../net/definition.js';

type Tls = typeof import('node:tls');

const real = wholeTls();
keepRootCertificatesOnMain();

const TLSSocketInTasks = taskClass(real.TLSSocket, listenersInTasks(real.TLSSocket.prototype), {
  after: (made) => noteRaw(made as TLSSocket),
  adopted(socket) {
    noteRaw(socket as TLSSocket);
    listenThroughOurs(socket);
  },
});
const Server = taskClass(real.Server, listenersInTasks(real.Server.prototype));

/** Notes the socket that one of tls was made over. */
function noteRaw(socket: TLSSocket): void {
  noteDriver(socket, Reflect.get(socket, '_parent'));
}

/**
 * Connects, as `connect()` with the same arguments but the callback; suspends until the handshake is done and the peer's
 * certificate was checked.
 * @throws Node's error (`ECONNREFUSED`, `DEPTH_ZERO_SELF_SIGNED_CERT` …); `ETIMEDOUT` when the option `timeout`
 *   (milliseconds) expires before
 * @throws {@link NoPortalError} where nothing can be suspended. After every error the socket is destroyed
 */
const connectSync = function connectSync(...args: unknown[]): TLSSocket {
  const what = 'tls.connectSync()';
  return withTicks(what, () => connected(Reflect.apply(real.connect, real, args), 'secureConnect', what));
} as Tls['connect'];

/** `tls`: as `net`. A server's `acceptSync()` gives connections whose handshake is done. */
export const definition: MonkeyModule<Tls & { connectSync: Tls['connect'] }> = defineModule<
  Tls & { connectSync: Tls['connect'] }
>('tls', {
  implemented: {
    TLSSocket: TLSSocketInTasks,
    Server,
    connect: starting(real.connect),
    createServer: starting(real.createServer),
    // They look at the store of root certificates, see root-certificates.ts. Older Nodes lack them.
    getCACertificates: real.getCACertificates && onMain(real.getCACertificates),
    setDefaultCACertificates: real.setDefaultCACertificates && onMain(real.setDefaultCACertificates),
  },
  added: { connectSync },
});

acceptFrom(real.Server.prototype, 'secureConnection');

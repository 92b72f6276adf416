// Connecting, listening and accepting that waits. Reading and writing are those of every stream.
import type { Server, Socket } from 'node:net';
import { builtin } from '../../../runtime/base/builtins.js';
import { Cancelled, shortSystemError } from '../../../runtime/base/errors.js';
import { awaitPromise } from '../../../runtime/suspension/suspension.js';
import { withTicks } from '../../../runtime/suspension/ticks.js';
import { Inbox } from '../../kit/inbox.js';
import { timedOut, withCode } from '../../kit/node-errors.js';
import { members } from '../../kit/prototype-members.js';
import { waitForEvent } from '../events/wait-for-event.js';
import { drive } from '../stream/wait-for-data.js';
import '../stream/sync-methods.js';
import { call, each } from '../../../runtime/base/primordials.js';

type Net = typeof import('node:net');

declare module 'node:net' {
  export var connectSync: Net['connect'];
  interface Server {
    /**
     * Starts listening, as `listen()` with the same arguments but the callback; suspends until it does.
     * Connections are kept for {@link acceptSync} from here on, unless there is a 'connection' listener.
     * @throws Node's error (`EADDRINUSE` …); the server can be told to listen again, as it can after a cancellation
     * @throws {@link NoPortalError} where nothing can be suspended; nothing has been started then
     */
    listenSync(port?: number, hostname?: string, backlog?: number): this;
    listenSync(port: number, backlog: number): this;
    listenSync(path: string, backlog?: number): this;
    listenSync(optionsOrHandle: import('node:net').ListenOptions | object, backlog?: number): this;
    /**
     * Takes the next connection; suspends while there is none. Tasks that wait are served in turn.
     * @throws Error `ERR_SERVER_NOT_RUNNING` if the server is not listening, or is closed in the wait
     * @throws the server's error; {@link NoPortalError} if it would have to wait where nothing can be suspended
     */
    acceptSync(): Socket;
  }
}

const net = builtin<Net>('net');
const { constants } = builtin<typeof import('node:os')>('os');
const { on, removeListener } = builtin<typeof import('node:events')>('events').EventEmitter.prototype;

/**
 * Connects, as `connect()` with the same arguments but the callback; suspends until the connection is there.
 * @throws Node's error (`ECONNREFUSED` …), its AbortError for the option `signal`
 * @throws Error `ETIMEDOUT` when the option `timeout` (milliseconds) expires before
 * @throws {@link NoPortalError} where nothing can be suspended. After every error the socket is destroyed
 */
export const connectSync = function connectSync(...args: unknown[]): Socket {
  const what = 'net.connectSync()';
  return withTicks(what, () => connected(Reflect.apply(net.connect, net, args), 'connect', what));
} as Net['connect'];

/**
 * Suspends until a socket that is being connected is; destroys it when it is not to be.
 * @param event - which tells that it is: 'connect', or 'secureConnect' of TLS
 */
export function connected<S extends Socket>(socket: S, event: string, what: string): S {
  drive(socket);
  try {
    waitForEvent<void>(socket, what, {
      [event]: (wait) => wait.resolve(),
      error: (wait, error: never) => wait.reject(error),
      timeout: (wait) => wait.reject(timedOut('connect')),
      close: (wait) => wait.reject(shortSystemError(-constants.errno.ECONNABORTED, 'connect')),
    });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

const backlogs = new WeakMap<Server, Inbox<Socket>>();
/** The events by which servers announce connections, by prototype: TLS servers when the handshake is done. */
const announcing = new Map<object, string>();

/** Has servers with that prototype give to `acceptSync()` what they announce by `event`. */
export function acceptFrom(prototype: object, event: string): void {
  announcing.set(prototype, event);
}

function announcement(server: Server): string {
  for (let proto = Object.getPrototypeOf(server); proto !== null; proto = Object.getPrototypeOf(proto)) {
    const event = announcing.get(proto);
    if (event !== undefined) return event;
  }
  return 'connection';
}

/** Connections that came for {@link acceptSync}. */
function backlogOf(server: Server): Inbox<Socket> {
  const found = backlogs.get(server);
  if (found !== undefined) return found;
  const backlog = new Inbox<Socket>();
  call(on, server, announcement(server), (socket: Socket) => {
    // It may break before the caller has it.
    drive(socket);
    backlog.put(socket);
  });
  call(on, server, 'close', () => {
    backlog.fail(notRunning);
    for (const socket of each(backlog.clear())) socket.destroy();
  });
  backlogs.set(server, backlog);
  return backlog;
}

function notRunning(): Error {
  return withCode(new Error('Server is not running.'), 'ERR_SERVER_NOT_RUNNING');
}

/** Servers whose `listenSync()` was cancelled while Node still looked the address up, until that is over. */
const abandoned = new WeakMap<Server, Promise<void>>();

/** Node cannot be told to stop looking up: the server closes as soon as it listens. */
function abandon(server: Server): void {
  const over = new Promise<void>((resolve) => {
    const end = (): void => {
      for (const event of each(['listening', 'error', 'close'])) call(removeListener, server, event, end);
      abandoned.delete(server);
      if (server.listening) server.close();
      resolve();
    };
    for (const event of ['listening', 'error', 'close']) call(on, server, event, end);
  });
  abandoned.set(server, over);
}

function listenSync(this: Server, ...args: unknown[]): Server {
  const what = 'server.listenSync()';
  return withTicks(what, () => listens(this, args, what));
}

function listens(server: Server, args: unknown[], what: string): Server {
  for (let over = abandoned.get(server); over !== undefined; over = abandoned.get(server)) {
    awaitPromise(over, what);
  }
  if (server.listenerCount(announcement(server)) === 0) backlogOf(server);
  Reflect.apply(server.listen, server, args);
  try {
    waitForEvent<void>(server, what, {
      listening: (wait) => wait.resolve(),
      error: (wait, error: never) => wait.reject(error),
      close: (wait) => wait.reject(notRunning()),
    });
    return server;
  } catch (error) {
    if (server.listening) server.close();
    else if (error instanceof Cancelled) abandon(server);
    throw error;
  }
}

function acceptSync(this: Server): Socket {
  const backlog = backlogOf(this);
  const socket = backlog.takeNow();
  if (socket !== undefined) return socket;
  if (!this.listening) throw notRunning();
  return backlog.wait('server.acceptSync()');
}

Object.defineProperties(net.Server.prototype, members({ listenSync, acceptSync }));

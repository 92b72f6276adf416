// Binding, connecting, sending and receiving that waits.
import type { RemoteInfo, Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { builtin } from '../../../runtime/base/builtins.js';
import { call, each } from '../../../runtime/base/primordials.js';
import { requirePortal } from '../../../runtime/suspension/portal.js';
import { suspend } from '../../../runtime/suspension/suspension.js';
import { withTicks } from '../../../runtime/suspension/ticks.js';
import { Inbox } from '../../kit/inbox.js';
import { withCode } from '../../kit/node-errors.js';
import { members } from '../../kit/prototype-members.js';
import { waitForEvent } from '../events/wait-for-event.js';

/** A datagram and where it came from. */
export interface Datagram {
  /** The datagram's bytes. */
  readonly data: Buffer;
  /** The sender's address, and the length in bytes. */
  readonly rinfo: RemoteInfo;
}

declare module 'node:dgram' {
  interface Socket {
    /**
     * Binds, as `bind()` with the same arguments but the callback; suspends until it is done (Node 26 brings its own,
     * which takes numeric addresses only and waits for nothing). Datagrams are kept for {@link recvSync} from here on.
     * @returns the address
     * @throws Node's error (`EADDRINUSE` …); {@link NoPortalError} where it would have to wait and nothing can be suspended
     */
    bindSync(options?: { port?: number; address?: string; exclusive?: boolean; fd?: number }): AddressInfo;
    bindSync(port: number, address?: string): AddressInfo;
    /** Associates the socket with a peer, as `connect()`; suspends until that is done, but on Node 26, as {@link bindSync}. */
    connectSync(port: number, address?: string): void;
    /**
     * Sends a datagram, as `send()` with the same arguments but the callback; suspends until the system has it.
     * @returns how many bytes were sent
     * @throws Node's error; {@link NoPortalError} where nothing can be suspended; nothing was sent then
     */
    sendSync(msg: string | Uint8Array | readonly unknown[], port?: number, address?: string): number;
    sendSync(
      msg: string | Uint8Array,
      offset: number,
      length: number,
      port?: number,
      address?: string,
    ): number;
    /**
     * Takes the next datagram; suspends while there is none. Tasks that wait are served in turn. A datagram that no task takes is kept,
     * up to the size of the socket's receive buffer; what comes then is dropped, as by the system.
     * @throws Error `ERR_SOCKET_DGRAM_NOT_RUNNING` if the socket is closed, before or in the wait; the socket's error
     * @throws {@link NoPortalError} if it would have to wait where nothing can be suspended
     */
    recvSync(): Datagram;
  }
}

const { prototype } = builtin<typeof import('node:dgram')>('dgram').Socket;
const { on } = builtin<typeof import('node:events')>('events').EventEmitter.prototype;
const own = prototype as Partial<Pick<Socket, 'bindSync' | 'connectSync'>>;

/** Datagrams that came for {@link Socket.recvSync}, within the size of the socket's receive buffer. */
class Received {
  readonly #inbox = new Inbox<Datagram>();
  #bytes = 0;
  #limit: number | undefined;
  #closed = false;

  constructor(socket: Socket) {
    call(on, socket, 'message', (data: Buffer, rinfo: RemoteInfo) => {
      this.#limit ??= socket.getRecvBufferSize();
      if (this.#bytes + data.length > this.#limit) return;
      this.#bytes += data.length;
      this.#inbox.put({ data, rinfo });
    });
    // An error is thrown by the call that waits; as an event it needs no listener.
    call(on, socket, 'error', (error: Error) => this.#inbox.fail(() => error));
    call(on, socket, 'close', () => {
      this.#closed = true;
      this.#inbox.fail(notRunning);
    });
  }

  take(): Datagram {
    const datagram = this.#inbox.takeNow();
    if (datagram === undefined && this.#closed) throw notRunning();
    const taken = datagram ?? this.#inbox.wait('socket.recvSync()');
    this.#bytes -= taken.data.length;
    return taken;
  }
}

const received = new WeakMap<Socket, Received>();

function receivedBy(socket: Socket): Received {
  const found = received.get(socket) ?? new Received(socket);
  received.set(socket, found);
  return found;
}

function notRunning(): Error {
  return withCode(new Error('Not running'), 'ERR_SOCKET_DGRAM_NOT_RUNNING');
}

function bindSync(this: Socket, ...args: unknown[]): AddressInfo {
  receivedBy(this);
  if (own.bindSync !== undefined) {
    const [port, address] = each(args);
    return Reflect.apply(own.bindSync, this, typeof port === 'number' ? [{ port, address }] : args);
  }
  const what = 'socket.bindSync()';
  return withTicks(what, () => {
    Reflect.apply(this.bind, this, args);
    waitForEvent<void>(this, what, {
      listening: (wait) => wait.resolve(),
      error: (wait, error: never) => wait.reject(error),
      close: (wait) => wait.reject(notRunning()),
    });
    return this.address();
  });
}

function connectSync(this: Socket, ...args: unknown[]): void {
  receivedBy(this);
  if (own.connectSync !== undefined) {
    Reflect.apply(own.connectSync, this, args);
    return;
  }
  requirePortal('socket.connectSync()');
  const [port, address] = each(args) as Iterable<unknown> as [number, string?];
  suspend<void>('socket.connectSync()', (wait) => {
    const done = (error?: Error): void => (error ? wait.reject(error) : wait.resolve());
    if (address === undefined) this.connect(port, done);
    else this.connect(port, address, done);
    return undefined;
  });
}

function sendSync(this: Socket, ...args: unknown[]): number {
  receivedBy(this);
  requirePortal('socket.sendSync()');
  return suspend<number>('socket.sendSync()', (wait) => {
    const done = (error: Error | null, bytes: number): void =>
      error ? wait.reject(error) : wait.resolve(bytes);
    Reflect.apply(this.send, this, [...each(args), done]);
    return undefined;
  });
}

function recvSync(this: Socket): Datagram {
  return receivedBy(this).take();
}

/** The methods. */
export const syncMethods: PropertyDescriptorMap = members({ bindSync, connectSync, sendSync, recvSync });

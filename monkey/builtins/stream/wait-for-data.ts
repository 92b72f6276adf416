// Where a task waits for what a stream brings.
import type { Readable, Writable } from 'node:stream';
import { builtin, globals } from '../../../runtime/base/builtins.js';
import { BusyResourceError } from '../../../runtime/base/errors.js';
import { call } from '../../../runtime/base/primordials.js';
import { isClaimed } from '../../../runtime/io/stream-descriptors.js';
import { suspendIn, type Wait, type Waiter } from '../../../runtime/suspension/suspension.js';
import { streamDestroyed, timedOut } from '../../kit/node-errors.js';
import { members } from '../../kit/prototype-members.js';
import { type EventHandlers, waitForEvent } from '../events/wait-for-event.js';

const { on } = builtin<typeof import('node:events')>('events').EventEmitter.prototype;

const driven = new WeakSet<Readable | Writable>();
const reading = new WeakSet<Readable>();
const sockets = new WeakMap<Readable, SocketReader>();

/** Errors of a stream that is used synchronously are thrown by its next call; as events they need no listener. */
export function drive(stream: Readable | Writable): void {
  if (driven.has(stream)) return;
  driven.add(stream);
  call(on, stream, 'error', () => {});
}

/** Gives the error of a call on a destroyed stream. */
export function failure(stream: Readable | Writable, what: string): Error {
  return stream.errored ?? streamDestroyed(what);
}

/** Handlers for all that ends a wait early. */
export function ending(stream: Readable | Writable, syscall: string): EventHandlers<void> {
  const handlers: EventHandlers<void> = {
    close: (wait) => wait.resolve(),
    error: (wait, error: never) => wait.reject(error),
  };
  if (!('setTimeout' in stream)) return handlers;
  return { ...handlers, timeout: (wait) => wait.reject(timedOut(syscall)) };
}

/**
 * True if nothing is buffered and the system is being asked for more: `read()` would do nothing but look. What comes then,
 * also the end, comes by `push()` or an event.
 */
export function isBeingRead(stream: Readable): boolean {
  const { _handle: handle } = stream as { _handle?: { reading?: boolean } | null };
  return handle?.reading === true && stream.readableLength === 0;
}

/**
 * Suspends until there is more to read than there was, or it is known that no more will come.
 * @returns what came, if it was handed over; else it is in the stream's buffer
 */
export function waitForMore(stream: Readable, what: string): Buffer | undefined {
  if (stream.readableFlowing === true) throw new BusyResourceError(what);
  if ('resetAndDestroy' in stream) return readerOf(stream).wait(what);
  if (reading.has(stream)) throw new BusyResourceError(what);
  reading.add(stream);
  try {
    const wake = (wait: Waiter<void>): void => wait.resolve();
    waitForEvent<void>(stream, what, { readable: wake, end: wake, ...ending(stream, 'read') });
    return undefined;
  } finally {
    reading.delete(stream);
  }
}

/**
 * The task that waits for a socket's data. Node's code calls `socket.push()` for what the system brings; this one is on
 * top of it, and hands a chunk that a task waits for over to it. The chunk would otherwise go through the stream's buffer, a
 * tick, an event, five listeners added and removed for each, and a second copy: half of an echo server's work.
 */
class SocketReader {
  readonly #socket: Readable;
  #waiting: Wait<Buffer | undefined> | undefined;
  /** True until the task has gone on with a chunk: it may put a part of it back. */
  #isHanded = false;
  /** True if the end of the data has come meanwhile: a stream that has emitted 'end' takes nothing back. */
  #hasEnded = false;

  constructor(socket: Readable) {
    this.#socket = socket;
    const { push, unshift } = socket;
    const handOver = (chunk: unknown, encoding?: BufferEncoding): boolean => {
      if (chunk === null && this.#isHanded) {
        this.#hasEnded = true;
        return false;
      }
      if (this.#waiting === undefined) return call(push, socket, chunk, encoding);
      const isNext = socket.readableLength === 0 && socket.readableEncoding === null;
      if (isNext && Buffer.isBuffer(chunk) && chunk.length > 0) {
        this.#wake(chunk);
        return true;
      }
      const more = call(push, socket, chunk, encoding);
      this.#wake(undefined);
      return more;
    };
    const putBack = (chunk: unknown, encoding?: BufferEncoding): void => {
      call(unshift, socket, chunk, encoding);
      this.#wake(undefined);
    };
    Object.defineProperties(socket, members({ push: handOver, unshift: putBack }));
    call(on, socket, 'end', () => this.#wake(undefined));
    call(on, socket, 'close', () => this.#wake(undefined));
    call(on, socket, 'error', (error: Error) => this.#fail(error));
    call(on, socket, 'timeout', () => this.#fail(timedOut('read')));
  }

  wait(what: string): Buffer | undefined {
    if (this.#waiting !== undefined) throw new BusyResourceError(what);
    try {
      return suspendIn<Buffer | undefined>(
        what,
        (wait) => {
          this.#waiting = wait;
          return () => {
            this.#waiting = undefined;
          };
        },
        this.#socket,
      );
    } finally {
      this.#isHanded = false;
      if (this.#hasEnded) globals.nextTick(() => this.#end());
    }
  }

  #end(): void {
    const socket = this.#socket;
    if (this.#isHanded || !this.#hasEnded) return;
    this.#hasEnded = false;
    if (socket.destroyed) return;
    socket.push(null);
    // As Node does, which has done so before; and as the code does that has claimed the bytes before the end, after it has put them back.
    if (!isClaimed(socket)) socket.read(0);
  }

  #wake(chunk: Buffer | undefined): void {
    const wait = this.#waiting;
    this.#waiting = undefined;
    this.#isHanded = wait !== undefined && chunk !== undefined;
    wait?.resolveAfterPoll(chunk);
  }

  #fail(error: Error): void {
    const wait = this.#waiting;
    this.#waiting = undefined;
    wait?.reject(error);
  }
}

function readerOf(socket: Readable): SocketReader {
  const found = sockets.get(socket) ?? new SocketReader(socket);
  sockets.set(socket, found);
  return found;
}

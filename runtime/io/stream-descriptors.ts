// Descriptors that a stream of Node's has, too: those of child.stdout, sockets, process.stdin.
//
// In plain Node such a stream takes bytes from its descriptor only when the event loop turns. Synchronous code that reads
// the descriptor by `fs.readSync()` keeps the loop from turning, so it gets all the bytes. Here the loop turns while that
// code is suspended, and the stream would take them, emit 'end' and close the descriptor. So synchronous code that reads
// from a stream's descriptor *claims* it. From then on until that code ends:
// - bytes that the stream has buffered already are read first;
// - while the code is suspended where plain Node would block ({@link suspendBlocking}), the stream does not read.
// Buffered bytes that are left go back to the stream. A wait that plain Node does not have, such as `await_()`,
// ends the claim: it may well be a wait for that stream.
// Guarded by test/monkey/builtins/fs/beside-stream.test.ts.
import type { Socket } from 'node:net';
import { builtin } from '../base/builtins.js';
import { systemError } from '../base/errors.js';
import { features } from '../base/features.js';
import { internalBinding } from '../base/internal-binding.js';
import { call, each, find, map, push, resolved, shift, splice, whenSettled } from '../base/primordials.js';
import { replaceMethod, replaceMethodForATime } from '../base/replace-method.js';
import { symbolNamed } from '../base/symbol-named.js';
import { currentCarrier } from '../suspension/native-core.js';
import { suspend, type Waiter, yieldToLoop } from '../suspension/suspension.js';

/** Node's native half of a socket, pipe or terminal. */
interface Handle {
  readonly fd?: number;
  /** Node's own note that it has started to read. */
  reading?: boolean;
  /** Bytes that the system has not taken yet. */
  readonly writeQueueSize?: number;
  readStart(): number;
  readStop(): number;
}

/** A stream over such a handle. Standard streams have `fd`, which a terminal's handle is a duplicate of. */
type Owner = Socket & { readonly _handle?: Handle | null; readonly fd?: number };

type Bytes = Uint8Array;

const process = builtin<typeof import('node:process')>('process') as typeof import('node:process') & {
  _getActiveHandles(): object[];
};
const activeHandles = process._getActiveHandles.bind(process);
const { constants } = builtin<typeof import('node:os')>('os');
const { on, removeListener } = builtin<typeof import('node:events')>('events').EventEmitter.prototype;
const { Duplex, Readable } = builtin<typeof import('node:stream')>('stream');
const { read } = Readable.prototype;

let start: () => number;
let stop: () => number;
/** The handles that have begun to read, by descriptor; undefined until the first descriptor is looked up. */
let handles: Map<number, WeakRef<Handle>> | undefined;
/** The claims of now: nearly always none. */
const claims = new Map<Handle, Claim>();

/** A stream's descriptor in the hands of synchronous code. */
class Claim {
  readonly carriers: Set<number> = new Set();
  readonly #handle: Handle;
  readonly #stream: Owner;
  #ahead: Bytes[] = [];
  #holds = 0;

  constructor(handle: Handle, stream: Owner) {
    this.#handle = handle;
    this.#stream = stream;
  }

  get isHeld(): boolean {
    return this.#holds > 0;
  }

  /** Moves bytes that the stream has buffered into `views`; gives their number, or undefined if there are none. */
  take(views: readonly Bytes[]): number | undefined {
    for (const part of each(takeBuffered(this.#stream))) push(this.#ahead, part);
    let count = 0;
    for (const view of each(views)) {
      for (let at = 0; at < view.length && this.#ahead.length > 0; ) {
        const first = this.#ahead[0] as Bytes;
        const part = first.subarray(0, view.length - at);
        view.set(part, at);
        at += part.length;
        count += part.length;
        if (part.length === first.length) shift(this.#ahead);
        else this.#ahead[0] = first.subarray(part.length);
      }
    }
    return count === 0 ? undefined : count;
  }

  hold(): void {
    if (this.#holds++ > 0) return;
    const nothing = { value: () => 0, configurable: true, writable: true };
    Object.defineProperties(this.#handle, { readStart: nothing, readStop: nothing });
    if (this.#handle.reading) call(stop, this.#handle);
  }

  letGo(): void {
    if (--this.#holds > 0) return;
    Reflect.deleteProperty(this.#handle, 'readStart');
    Reflect.deleteProperty(this.#handle, 'readStop');
    if (this.#handle.reading && this.#stream._handle === this.#handle) call(start, this.#handle);
  }

  end(): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.readableEnded) return;
    const left = Buffer.concat(splice(this.#ahead, 0, this.#ahead.length));
    const { readableEncoding: encoding } = stream;
    if (left.length > 0) stream.unshift(encoding === null ? left : left.toString(encoding));
    // Its end has been read already, but is told only at the next read.
    else if (isAtEnd(stream)) stream.read(0);
  }
}

/**
 * Reads the bytes that a stream of Node's has taken from `fd` already, and claims the descriptor for the code that runs. Not a
 * checkpoint. Call it before each read of a descriptor in code that may suspend.
 * @returns the number of bytes, or undefined if the descriptor itself is to be read
 */
export function takeFromStream(fd: number, views: readonly NodeJS.ArrayBufferView[]): number | undefined {
  handles ??= watchHandles();
  const handle = handles.get(fd)?.deref();
  const stream = handle && ownerOf(handle);
  if (handle === undefined || stream === undefined || !isOf(stream, handle, fd)) return undefined;
  let claim = claims.get(handle);
  if (claim === undefined) {
    claim = new Claim(handle, stream);
    claims.set(handle, claim);
    endClaimsSoon();
  }
  claim.carriers.add(currentCarrier());
  return claim.take(
    map(views, ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
  );
}

/** True for a stream from whose descriptor synchronous code reads: that code may have bytes of the stream's that come before its end. */
export function isClaimed(stream: object): boolean {
  const handle = claims.size > 0 ? (stream as Owner)._handle : undefined;
  return handle !== undefined && handle !== null && claims.has(handle);
}

/**
 * As `suspend()`, for calls that block in plain Node: streams whose descriptors the running code has claimed do not read
 * meanwhile.
 */
export function suspendBlocking<T>(
  what: string,
  begin: (wait: Waiter<T>) => (() => void) | undefined,
  about?: unknown,
): T {
  return claims.size === 0 ? suspend(what, begin, about) : asIfBlocking(() => suspend(what, begin, about));
}

/** Runs `wait`, which suspends where plain Node would block; see {@link suspendBlocking}. */
export function asIfBlocking<T>(wait: () => T): T {
  if (claims.size === 0) return wait();
  const carrier = currentCarrier();
  const held: Claim[] = [];
  claims.forEach((claim) => {
    if (claim.carriers.has(carrier)) push(held, claim);
  });
  for (const claim of each(held)) claim.hold();
  try {
    return wait();
  } finally {
    for (const claim of each(held)) claim.letGo();
    endClaimsSoon();
  }
}

/**
 * Has the stream that writes to `fd` as well, if there is one, keep what it is given from now on: it would get between the
 * parts of a write that waits for room.
 * @returns lets the stream write. The end of the process does so, too
 */
export function holdWrites(fd: number): () => void {
  const stream = streamAt(fd);
  if (stream === undefined) return () => {};
  const letWrite = (): void => {
    call(removeListener, process, 'exit', letWrite);
    stream.uncork();
  };
  stream.cork();
  call(on, process, 'exit', letWrite);
  return letWrite;
}

/**
 * Lets the stream that writes to `fd` as well, if there is one, get rid of what it has been given before; for a descriptor
 * that does not wait.
 * @throws Node's `EAGAIN` if that does not go out now: later bytes cannot, either
 */
export function waitForStreamsBytes(fd: number): void {
  const stream = streamAt(fd);
  if (stream === undefined || !isWriting(stream)) return;
  // Two, so that the loop has polled in between.
  for (let turns = 0; turns < 2 && isWriting(stream); turns++)
    asIfBlocking(() => yieldToLoop('fs.writeSync'));
  if (isWriting(stream)) throw systemError(-constants.errno.EAGAIN, 'write');
}

/** Looks at all that is open. */
function streamAt(fd: number): Owner | undefined {
  return find(activeHandles(), (open) => {
    const handle = handleOf(open);
    return handle && isOf(open as Owner, handle, fd);
  }) as Owner | undefined;
}

/** The handle of a stream; of nothing else: a datagram socket has a getter of that name that warns. */
function handleOf(open: object): Handle | null | undefined {
  return open instanceof Duplex ? (open as Owner)._handle : undefined;
}

/** True if the system has not taken all that was written to the stream. */
function isWriting(stream: Owner): boolean {
  return (stream._handle?.writeQueueSize ?? 0) > 0;
}

let ending = false;

// A microtask: it runs when the code that runs now has ended, or is suspended.
function endClaimsSoon(): void {
  if (ending) return;
  ending = true;
  whenSettled(resolved(), endClaims);
}

function endClaims(): void {
  ending = false;
  claims.forEach((claim, handle) => {
    if (claim.isHeld) return;
    claims.delete(handle);
    claim.end();
  });
}

/** All that is buffered. Neither a 'data' event nor the end comes of it. */
function takeBuffered(stream: Owner): Bytes[] {
  if (stream.readableLength === 0 || stream.readableObjectMode) return [];
  const chunks: Bytes[] = [];
  // read() emits 'data', also when it is called from here.
  const putBack = replaceMethodForATime(stream, 'emit', () => false);
  try {
    while (stream.readableLength > 0) {
      // Asked for just the bytes that there are, it does not emit 'end'. Asked for anything, it does not raise the high-water mark; that
      // is all there is or, since Node 26, one chunk.
      const size = isAtEnd(stream) ? stream.readableLength : undefined;
      const chunk: Buffer | string | null = call(read, stream, size);
      if (chunk === null) break;
      push(chunks, typeof chunk === 'string' ? Buffer.from(chunk, stream.readableEncoding ?? 'utf8') : chunk);
    }
    return chunks;
  } finally {
    putBack();
  }
}

function isAtEnd(stream: Owner): boolean {
  return (stream as { _readableState?: { ended?: boolean } })._readableState?.ended === true;
}

function isOf(owner: Owner, handle: Handle, fd: number): boolean {
  return owner._handle === handle && (handle.fd === fd || owner.fd === fd);
}

let ownerKey: symbol | undefined;

function ownerOf(handle: Handle): Owner | undefined {
  ownerKey ??= symbolNamed(handle, 'owner_symbol');
  return ownerKey && ((handle as unknown as Record<symbol, Owner | undefined>)[ownerKey] ?? undefined);
}

/**
 * Has each handle that begins to read remembered from now on, and those that are there. Where Node does not let us, there
 * are none: descriptors are then read as if no stream had them.
 */
function watchHandles(): Map<number, WeakRef<Handle>> {
  const found = new Map<number, WeakRef<Handle>>();
  const { Pipe } = internalBinding<{ Pipe?: { prototype: object } }>('pipe_wrap') ?? {};
  // Of pipes, sockets and terminals alike.
  const prototype = Pipe && (Object.getPrototypeOf(Pipe.prototype) as Handle);
  if (typeof prototype?.readStart !== 'function' || typeof prototype.readStop !== 'function') {
    features.streamDescriptors =
      "off: Node's pipes are out of reach (process.binding), so a stream may read what fs.readSync() of its descriptor waits for";
    return found;
  }
  start = prototype.readStart;
  stop = prototype.readStop;
  const remember = (handle: Handle): void => {
    const { fd = -1 } = handle;
    const own = ownerOf(handle)?.fd ?? fd;
    note(fd, handle);
    if (own !== fd) note(own, handle);
  };
  const note = (fd: number, handle: Handle): void => {
    if (found.get(fd)?.deref() !== handle) found.set(fd, new WeakRef(handle));
  };
  const readStart = function (this: Handle): number {
    remember(this);
    return call(start, this);
  };
  replaceMethod(prototype, 'readStart', readStart);
  for (const open of each(activeHandles())) {
    const handle = handleOf(open);
    if (handle?.readStart === readStart) remember(handle);
  }
  return found;
}

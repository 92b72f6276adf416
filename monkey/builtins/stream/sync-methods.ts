// The synchronous methods that streams never had. They are on Node's own prototypes, not enumerable: every stream has
// them, however it was made. They work on the public interface of Node's streams (`read`, `write`, events), so that
// backpressure, encodings and object mode are Node's.
import type { Readable, Writable } from 'node:stream';
import { builtin } from '../../../runtime/base/builtins.js';
import { IncompleteReadError } from '../../../runtime/base/errors.js';
import { call, cut, exec, push } from '../../../runtime/base/primordials.js';
import { yieldToLoop } from '../../../runtime/suspension/suspension.js';
import { lacksTicks, withTicks } from '../../../runtime/suspension/ticks.js';
import { HeldEmitter } from '../../kit/held-emitter.js';
import { validateCount, withCode } from '../../kit/node-errors.js';
import { iterator, members } from '../../kit/prototype-members.js';
import { waitForEvent } from '../events/wait-for-event.js';
import { drive, ending, failure, isBeingRead, waitForMore } from './wait-for-data.js';

declare module 'node:stream' {
  interface Readable {
    /**
     * Reads the bytes that are there, at most `size`; suspends while there are none.
     * @param size - bytes (characters, if the stream has an encoding), an integer >= 0. Default: all that is buffered.
     *   Ignored in object mode, where one object is read
     * @returns null at the end of the stream. Its type is the one wanted (`const line: string | null = …`), or
     *   `readSync<Row>()`
     * @throws the stream's error, or Node's for a stream that is or gets destroyed; bytes that were buffered before are read first
     * @throws Error `ETIMEDOUT` when a socket's `setTimeout()` expires in the wait; the socket stays as it is
     * @throws {@link BusyResourceError} if another task waits in a read, or the stream flows to 'data' listeners or a pipe
     * @throws {@link NoPortalError} if it would have to wait where nothing can be suspended
     */
    readSync<T = Buffer | string>(size?: number): T | null;
    /**
     * Reads exactly `size` bytes; suspends until they are there.
     * @throws {@link IncompleteReadError} if the stream ends before; the bytes that had come are its `partial`. Else as {@link readSync}
     */
    readExactlySync(size: number): Buffer | string;
    /**
     * Reads up to and with the next line feed; suspends until it is there. Decodes UTF-8 unless the stream has an encoding.
     * @returns the line without its `\n` or `\r\n`; at the end of the stream the rest, then null
     * @throws as {@link readSync}
     */
    readLineSync(): string | null;
    /**
     * Reads chunk by chunk to the end; suspends for each. Leaving the loop early destroys the stream, as `for await` does.
     * Only in code that may suspend: elsewhere a stream is not iterable, as in Node.
     * In object mode: `for (const row of stream as Iterable<unknown> as Iterable<Row>)`.
     */
    [Symbol.iterator](): Generator<Buffer | string, void, undefined>;
  }
  interface Writable {
    /**
     * Writes a chunk; suspends while the buffer is above the high-water mark.
     * @throws the stream's error, or Node's for a stream that is or gets destroyed or was ended
     * @throws {@link NoPortalError} if it would have to wait where nothing can be suspended; the chunk is written
     */
    writeSync(chunk: unknown, encoding?: BufferEncoding): void;
    /**
     * Ends the stream, after a last chunk if there is one; suspends until all of it has been written.
     * @throws as {@link writeSync}
     */
    endSync(chunk?: unknown, encoding?: BufferEncoding): void;
  }
}

const stream = builtin<typeof import('node:stream')>('stream');

type Chunk = Buffer | string;

/** Data that was read too early from streams that cannot take it back, since they have failed. */
const unread = new WeakMap<Readable, Chunk>();

/** Suspends until `take` finds something. @returns null at the end of the stream */
function readWhen<T>(stream: Readable, what: string, take: (handed?: Buffer) => T | null): T | null {
  if (lacksTicks()) return withTicks(what, () => readWhen(stream, what, take));
  drive(stream);
  let handed: Buffer | undefined;
  for (;;) {
    const taken = take(handed);
    if (taken !== null) return taken;
    if (stream.readableEnded) return null;
    if (stream.destroyed) throw failure(stream, what);
    handed = waitForMore(stream, what);
  }
}

/** At most `size` bytes that were handed over, or are buffered; null if there are none. */
function takeSome(stream: Readable, size = Number.POSITIVE_INFINITY, handed?: Buffer): Chunk | null {
  if (handed !== undefined) {
    if (handed.length <= size) return handed;
    putBack(stream, handed.subarray(size));
    return handed.subarray(0, size);
  }
  const kept = unread.get(stream);
  if (kept !== undefined) {
    unread.delete(stream);
    if (kept.length > size) unread.set(stream, kept.slice(size));
    return kept.slice(0, size);
  }
  if (isBeingRead(stream)) return null;
  return HeldEmitter.read(stream, size < stream.readableLength ? size : undefined) as Chunk | null;
}

function putBack(stream: Readable, chunk: Chunk): void {
  if (chunk.length === 0) return;
  if (stream.destroyed || stream.readableEnded) unread.set(stream, chunk);
  else stream.unshift(chunk);
}

function joined(chunks: readonly Chunk[]): Chunk {
  return typeof chunks[0] === 'string' ? chunks.join('') : Buffer.concat(chunks as Buffer[]);
}

/** Collects chunks until `enough` says how much of the last one is wanted; if the wait fails nothing is lost. */
function collect(stream: Readable, what: string, enough: (chunk: Chunk) => number | undefined): Chunk | null {
  const chunks: Chunk[] = [];
  try {
    for (;;) {
      const chunk = readWhen(stream, what, (handed) => takeSome(stream, undefined, handed));
      if (chunk === null) return chunks.length > 0 ? joined(chunks) : null;
      const wanted = enough(chunk);
      push(chunks, wanted === undefined ? chunk : (chunk.slice(0, wanted) as Chunk));
      if (wanted === undefined) continue;
      putBack(stream, chunk.slice(wanted));
      return joined(chunks);
    }
  } catch (error) {
    if (chunks.length > 0) putBack(stream, joined(chunks));
    throw error;
  }
}

function readSync(this: Readable, size?: number): unknown {
  if (size !== undefined && !this.readableObjectMode) validateCount(size, 'size');
  if (this.readableObjectMode) return readWhen(this, 'readSync()', () => HeldEmitter.read(this));
  if (size === 0) return this.readableEncoding === null ? Buffer.alloc(0) : '';
  return readWhen(this, 'readSync()', (handed) => takeSome(this, size, handed));
}

function readExactlySync(this: Readable, size: number): Chunk {
  validateCount(size, 'size');
  if (size === 0) return this.readableEncoding === null ? Buffer.alloc(0) : '';
  let missing = size;
  const chunk = collect(this, 'readExactlySync()', ({ length }) => {
    if (length >= missing) return missing;
    missing -= length;
    return undefined;
  });
  if (chunk?.length === size) return chunk;
  throw new IncompleteReadError(chunk ?? (this.readableEncoding === null ? Buffer.alloc(0) : ''), size);
}

function readLineSync(this: Readable): string | null {
  const line = collect(this, 'readLineSync()', (chunk) => chunk.indexOf('\n') + 1 || undefined);
  if (line === null) return null;
  const text = line.toString();
  const end = exec(/\r?\n$/, text)?.[0].length ?? 0;
  return end === 0 ? text : cut(text, text.length - end);
}

function* iterate(this: Readable): Generator<unknown, void, undefined> {
  try {
    for (let chunk = this.readSync(); chunk !== null; chunk = this.readSync()) yield chunk;
  } finally {
    if (!this.readableEnded) this.destroy();
  }
}

function checkWritable(stream: Writable, what: string): void {
  if (stream.destroyed) throw failure(stream, what);
  if (stream.writableEnded) throw withCode(new Error('write after end'), 'ERR_STREAM_WRITE_AFTER_END');
}

export function writeSync(this: Writable, chunk: unknown, encoding?: BufferEncoding): void {
  if (lacksTicks()) {
    withTicks('writeSync()', () => call(writeSync, this, chunk, encoding));
    return;
  }
  drive(this);
  checkWritable(this, 'writeSync()');
  this.write(chunk, encoding as BufferEncoding);
  while (this.writableNeedDrain) {
    waitForEvent<void>(this, 'writeSync()', {
      drain: (wait) => wait.resolve(),
      ...ending(this, 'write'),
    });
  }
  if (this.destroyed) throw failure(this, 'writeSync()');
}

// A stream of HTTP/2 whose both sides have ended is closed before it says that it has finished, even within end(). That
// its last bytes have gone out is told after that (before Node 26), and by no event.
interface Http2Stream extends Writable {
  readonly rstCode?: number;
  readonly _writableState?: { readonly writing?: boolean };
}
const closedWell = (stream: Http2Stream): boolean =>
  stream.destroyed && stream.rstCode === 0 && stream.errored === null;
const isWriting = (stream: Http2Stream): boolean => stream._writableState?.writing === true;

export function endSync(this: Writable, chunk?: unknown, encoding?: BufferEncoding): void {
  if (lacksTicks()) {
    withTicks('endSync()', () => call(endSync, this, chunk, encoding));
    return;
  }
  drive(this);
  if (!this.writableEnded) {
    if (this.destroyed) throw failure(this, 'endSync()');
    this.end(chunk, encoding as BufferEncoding);
  } else if (chunk !== undefined) checkWritable(this, 'endSync()');
  while (!this.writableFinished) {
    while (closedWell(this) && isWriting(this)) yieldToLoop('endSync()');
    if (closedWell(this) && this.writableLength === 0) return;
    if (this.destroyed) throw failure(this, 'endSync()');
    waitForEvent<void>(this, 'endSync()', { finish: (wait) => wait.resolve(), ...ending(this, 'shutdown') });
  }
}

Object.defineProperties(stream.Readable.prototype, {
  ...members({ readSync, readExactlySync, readLineSync }),
  ...iterator(iterate),
});
Object.defineProperties(stream.Writable.prototype, members({ writeSync, endSync }));
// A Duplex has the methods of a Writable on a prototype of its own.
Object.defineProperties(stream.Duplex.prototype, members({ writeSync, endSync }));

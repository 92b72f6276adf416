// Reads and writes by descriptor. Pipes, sockets and terminals may wait for another process: they are used in small steps
// that never block, with a wait for readiness in between; libuv's pool stays out of it (runtime/io/descriptor.ts).

import type { Stats } from 'node:fs';
import { isSystemError } from '../../../runtime/base/errors.js';
import { each, every, map, reduce } from '../../../runtime/base/primordials.js';
import { isStreamLike, openModeOf, SURE_BYTES, statusOfFd, step } from '../../../runtime/io/descriptor.js';
import { isFileBusy } from '../../../runtime/io/file-order.js';
import { withHeldDescriptor } from '../../../runtime/io/held-descriptor.js';
import { holdWrites, takeFromStream, waitForStreamsBytes } from '../../../runtime/io/stream-descriptors.js';
import { inDescriptorsTurn } from '../../../runtime/waiting/descriptor-turn.js';
import type { Done } from '../../kit/thread-pool.js';
import { allocate, copyOf, inPlace, inPoolOn, real, SMALL_BYTES } from './in-place-or-pool.js';

const { O_RDONLY, O_WRONLY } = real.constants;
const LAST_STDIO_FD = 2;

type View = NodeJS.ArrayBufferView;
type Position = number | bigint | null;

/** `fs.readSync` for code that may suspend. */
export function readSync(fd: number, buffer: View, ...rest: unknown[]): number {
  const native = (on: number): number => Reflect.apply(real.readSync, real, [on, buffer, ...each(rest)]);
  const range = ArrayBuffer.isView(buffer) ? rangeOf(buffer, rest) : undefined;
  const status = range === undefined || range.length === 0 ? undefined : statusOfFd(fd);
  if (range === undefined || status === undefined) return native(fd);
  if (isStreamLike(status) && isSequential(range.position)) {
    const view = asBuffer(buffer).subarray(range.offset, range.offset + range.length);
    return takeFromStream(fd, [view]) ?? readStream(fd, status, native);
  }
  if (range.length <= SMALL_BYTES && !isFileBusy(status)) return inPlace(() => native(fd));
  const { offset, length, position } = range;
  return readInPool(
    'readSync',
    [asBuffer(buffer).subarray(offset, offset + length)],
    fd,
    native,
    (on, own, done) => real.read(on, own, 0, length, position, done),
  );
}

/** `fs.readvSync` for code that may suspend. */
export function readvSync(fd: number, buffers: readonly View[], position?: number | null): number {
  const native = (on: number): number => real.readvSync(on, buffers, position as number);
  const status = bytesOf(buffers) > 0 ? statusOfFd(fd) : undefined;
  if (status === undefined) return native(fd);
  if (isStreamLike(status) && isSequential(position))
    return takeFromStream(fd, buffers) ?? readStream(fd, status, native);
  if (bytesOf(buffers) <= SMALL_BYTES && !isFileBusy(status)) return inPlace(() => native(fd));
  return readInPool('readvSync', buffers, fd, native, (on, own, done) =>
    real.readv(on, [own], numberOrNull(position), done),
  );
}

/** `fs.writeSync` for code that may suspend. */
export function writeSync(fd: number, data: View | string, ...rest: unknown[]): number {
  const native = (): number => Reflect.apply(real.writeSync, real, [fd, data, ...each(rest)]);
  const work = typeof data === 'string' ? encoded(data, rest) : viewed(data, rest);
  const status = work === undefined ? undefined : statusOfFd(fd);
  if (work === undefined || status === undefined) return native();
  if (isStreamLike(status) && isSequential(work.position))
    return writeStream(fd, status, work.ownBytes() ?? work.bytes(), native);
  if (work.length <= SMALL_BYTES && !isFileBusy(status)) return inPlace(native);
  const bytes = work.ownBytes();
  if (bytes === undefined) return native();
  return inPoolOn('writeSync', fd, native, (on, done) =>
    real.write(on, bytes, 0, work.length, work.position, done),
  );
}

/** `fs.writevSync` for code that may suspend. */
export function writevSync(fd: number, buffers: readonly View[], position?: number | null): number {
  const native = (): number => real.writevSync(fd, buffers, position as number);
  const status = bytesOf(buffers) > 0 ? statusOfFd(fd) : undefined;
  if (status === undefined) return native();
  if (isStreamLike(status) && isSequential(position)) {
    return writeStream(fd, status, Buffer.concat(map(buffers, asBuffer)), native);
  }
  if (bytesOf(buffers) <= SMALL_BYTES && !isFileBusy(status)) return inPlace(native);
  const bytes = copyOf(buffers);
  if (bytes === undefined) return native();
  return inPoolOn('writevSync', fd, native, (on, done) =>
    real.writev(on, [bytes], numberOrNull(position), done),
  );
}

/**
 * Reads from what may wait.
 * @param read - reads natively from the descriptor it is given
 */
function readStream(fd: number, status: Stats, read: (on: number) => number): number {
  const mode = openModeOf(fd);
  // The program asked not to wait: EAGAIN is its answer. (Standard input shares its flags with other programs.)
  if (mode !== undefined && (mode.access === O_WRONLY || (mode.isNonBlocking && fd > LAST_STDIO_FD)))
    return inPlace(() => read(fd));
  return inDescriptorsTurn({ fd, status, mode }, O_RDONLY, 'fs.readSync', (held, twice) => {
    for (;;) {
      const count = step(held, O_RDONLY, twice, 'fs.readSync', read);
      if (count !== undefined) return count;
    }
  });
}

/**
 * Writes all of `bytes` to what may wait, as a blocking descriptor does.
 * @param native - for what only Node's own call can answer
 */
function writeStream(fd: number, status: Stats, bytes: Uint8Array, native: () => number): number {
  const mode = openModeOf(fd);
  if (mode !== undefined && (mode.access === O_RDONLY || (mode.isNonBlocking && fd > LAST_STDIO_FD))) {
    return withHeldDescriptor(fd, (held) => {
      waitForStreamsBytes(fd);
      return inPlace(() => (held === fd ? native() : real.writeSync(held, bytes)));
    });
  }
  return inDescriptorsTurn({ fd, status, mode }, O_WRONLY, 'fs.writeSync', (held, twice) => {
    let written = 0;
    let letWrite: (() => void) | undefined;
    const beforeWait = (): void => {
      letWrite ??= holdWrites(fd);
    };
    const write = (on: number): number => {
      const left = bytes.length - written;
      return real.writeSync(on, bytes, written, on === held ? Math.min(left, SURE_BYTES) : left);
    };
    try {
      while (written < bytes.length)
        written += step(held, O_WRONLY, twice, 'fs.writeSync', write, beforeWait) ?? 0;
    } catch (error) {
      if (written === 0 || !isSystemError(error)) throw error;
    } finally {
      letWrite?.();
    }
    return written;
  });
}

/**
 * Reads in the pool, into memory of its own: the caller's is filled when it goes on, since other code may use it meanwhile.
 */
function readInPool(
  name: string,
  into: readonly View[],
  fd: number,
  native: (on: number) => number,
  start: (on: number, own: Buffer, done: Done<number>) => void,
): number {
  const own = allocate(bytesOf(into));
  if (own === undefined) return native(fd);
  const count = inPoolOn(
    name,
    fd,
    () => native(fd),
    (on, done: Done<number>) => start(on, own, done),
  );
  let at = 0;
  for (const view of each(into)) {
    own.copy(asBuffer(view), 0, at, Math.min(count, at + view.byteLength));
    at += view.byteLength;
    if (at >= count) break;
  }
  return count;
}

interface Range {
  readonly offset: number;
  readonly length: number;
  readonly position: Position;
}

/** The arguments of `fs.readSync(fd, buffer, ...rest)`, read; undefined if Node would refuse them. */
function rangeOf(buffer: View, rest: unknown[]): Range | undefined {
  const [second, third, fourth] = each(rest);
  const named = rest.length <= 1 || typeof second === 'object';
  if (named && second !== undefined && typeof second !== 'object') return undefined;
  const given = (
    named ? second : { offset: second, length: third, position: fourth }
  ) as Partial<Range> | null;
  const offset = given?.offset ?? 0;
  const length = given?.length ?? (named ? buffer.byteLength - offset : 0);
  const position = given?.position ?? null;
  const isGood = Number.isInteger(offset) && Number.isInteger(length) && offset >= 0 && length >= 0;
  if (!isGood || offset + length > buffer.byteLength) return undefined;
  if (position !== null && typeof position !== 'number' && typeof position !== 'bigint') return undefined;
  return { offset, length, position };
}

interface Writing {
  readonly length: number;
  readonly position: number | null;
  bytes(): Uint8Array;
  /** In memory that no other code has; undefined if there is too little of it. */
  ownBytes(): Uint8Array | undefined;
}

/** The arguments of `fs.writeSync(fd, view, ...rest)`, read; undefined if Node would refuse them or has nothing to do. */
function viewed(view: View, rest: unknown[]): Writing | undefined {
  if (!ArrayBuffer.isView(view)) return undefined;
  const named = typeof rest[0] === 'object';
  const given = (
    named ? rest[0] : { offset: rest[0], length: rest[1], position: rest[2] }
  ) as Partial<Range> | null;
  const offset = given?.offset ?? 0;
  const length = typeof given?.length === 'number' ? given.length : view.byteLength - offset;
  const isGood = Number.isInteger(offset) && Number.isInteger(length) && offset >= 0 && length > 0;
  if (!isGood || offset + length > view.byteLength) return undefined;
  const bytes = (): Uint8Array => asBuffer(view).subarray(offset, offset + length);
  return { length, position: numberOrNull(given?.position), bytes, ownBytes: () => copyOf([bytes()]) };
}

/** The arguments of `fs.writeSync(fd, text, position, encoding)`, read. */
function encoded(text: string, rest: unknown[]): Writing | undefined {
  const [position, encoding = 'utf8'] = each(rest);
  if (text === '' || typeof encoding !== 'string' || !Buffer.isEncoding(encoding)) return undefined;
  const bytes = Buffer.from(text, encoding);
  return bytes.length === 0
    ? undefined
    : { length: bytes.length, position: numberOrNull(position), bytes: () => bytes, ownBytes: () => bytes };
}

function asBuffer(view: View): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

/** The bytes that a list of views holds; 0 if Node would refuse it. */
function bytesOf(buffers: readonly View[]): number {
  if (!Array.isArray(buffers) || !every(buffers, (view) => ArrayBuffer.isView(view))) return 0;
  return reduce(buffers, (sum: number, view) => sum + view.byteLength, 0);
}

function numberOrNull(position: unknown): number | null {
  return typeof position === 'number' ? position : null;
}

/** True unless a place to read or write at is given: where there are no places, that fails at once (ESPIPE). */
function isSequential(position: unknown): boolean {
  return position === null || position === undefined || Number(position) < 0;
}

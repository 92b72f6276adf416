// readFileSync, writeFileSync, appendFileSync, and the flushes.

import type { PathOrFileDescriptor, Stats } from 'node:fs';
import { push } from '../../../runtime/base/primordials.js';
import { isStreamLike, statusOfFd } from '../../../runtime/io/descriptor.js';
import { isFileBusy } from '../../../runtime/io/file-order.js';
import { noteAppended, noteRead, noteReplaced } from '../../../runtime/patching/changed-files.js';
import type { Done } from '../../kit/thread-pool.js';
import { readSync, writeSync } from './descriptor.js';
import { copyOf, inPlace, inPoolOn, inPoolOnOwn, real, SMALL_BYTES } from './in-place-or-pool.js';
import { openSync } from './open.js';
import { readRest } from './read-rest.js';
import { empties, statusOf } from './stat-and-flags.js';

const { O_CREAT, O_RDWR, O_TRUNC, O_WRONLY } = real.constants;
const CHUNK_BYTES = 65536;

type View = NodeJS.ArrayBufferView;

/** The options of the whole-file functions, as far as they are looked at here. */
interface FileOptions {
  readonly encoding?: BufferEncoding | null;
  readonly flag?: string | number;
  readonly mode?: number | string;
  readonly flush?: boolean;
  readonly buffer?: unknown;
  readonly signal?: unknown;
}

/** `fs.readFileSync` for code that may suspend. */
export function readFileSync(path: PathOrFileDescriptor, options?: unknown): string | Buffer {
  const native = (): string | Buffer => real.readFileSync(path, options as null);
  const status = statusOfEither(path);
  const given = optionsOf(options);
  noteRead(path, status);
  if (status === undefined || given === undefined || given.buffer !== undefined) return native();
  if (isStreamLike(status)) {
    const bytes = withDescriptor(path, given.flag, undefined, drain);
    return given.encoding ? bytes.toString(given.encoding) : bytes;
  }
  if (status.size <= SMALL_BYTES && !isFileBusy(status)) return inPlace(native);
  const read = (on: number, done: Done<string | Buffer>): void => readRest(on, given.encoding, done);
  if (typeof path === 'number') return inPoolOn('readFileSync', path, native, read);
  return inPoolOnOwn('readFileSync', () => real.openSync(path, given.flag ?? 'r'), read);
}

/** `fs.writeFileSync` for code that may suspend. */
export function writeFileSync(path: PathOrFileDescriptor, data: string | View, options?: unknown): void {
  write('writeFileSync', 'w', path, data, options);
}

/** `fs.appendFileSync` for code that may suspend. */
export function appendFileSync(path: PathOrFileDescriptor, data: string | View, options?: unknown): void {
  write('appendFileSync', 'a', path, data, options);
}

/** `fs.fsyncSync` for code that may suspend. */
export function fsyncSync(fd: number): void {
  flush('fsyncSync', fd, real.fsyncSync, real.fsync);
}

/** `fs.fdatasyncSync` for code that may suspend. */
export function fdatasyncSync(fd: number): void {
  flush('fdatasyncSync', fd, real.fdatasyncSync, real.fdatasync);
}

// That of a small file takes a few milliseconds at most times, and it is what packages make in the middle of replacing a file
// (conf, write-file-atomic): were it to suspend, one that reads, changes and writes would lose the changes of another.
function flush(
  name: string,
  fd: number,
  native: (fd: number) => void,
  start: (fd: number, done: Done<void>) => void,
): void {
  const status = statusOfFd(fd);
  if (status === undefined || (status.size <= SMALL_BYTES && !isFileBusy(status))) inPlace(() => native(fd));
  else inPoolOn<void>(name, fd, () => native(fd), start);
}

function write(
  name: 'writeFileSync' | 'appendFileSync',
  flag: string,
  path: PathOrFileDescriptor,
  data: string | View,
  options: unknown,
): void {
  const native = (): void => real[name](path, data as string, options as null);
  const given = optionsOf(options);
  const isText = typeof data === 'string';
  const status = statusOfEither(path);
  if (name === 'writeFileSync') noteReplaced(path, () => status);
  else noteAppended(path, status);
  if (given === undefined || (!isText && !ArrayBuffer.isView(data))) {
    native(); // Throws.
  } else if (status !== undefined && isStreamLike(status)) {
    const bytes = isText ? Buffer.from(data, given.encoding ?? 'utf8') : data;
    withDescriptor(path, given.flag || flag, given.mode, (fd) => writeAll(fd, bytes));
  } else if ((isText ? data.length : data.byteLength) <= SMALL_BYTES && !isFileBusy(status)) {
    inPlace(native);
  } else {
    const bytes = isText ? Buffer.from(data, given.encoding ?? 'utf8') : copyOf([data]);
    if (bytes === undefined) {
      native();
      return;
    }
    const flags = given.flag || flag;
    // The open happens now, to the file that the path names now. Only to empty the file waits for its turn.
    const isEmptiedLater = typeof path !== 'number' && isFileBusy(status) && empties(flags);
    const write = (on: number, done: Done<void>): void => {
      if (isEmptiedLater) real.ftruncateSync(on);
      real.writeFile(on, bytes, forCallbackForm(given) as object, done);
    };
    if (typeof path === 'number') inPoolOn(name, path, native, write);
    else {
      const opened = isEmptiedLater ? withoutEmptying(flags) : flags;
      inPoolOnOwn(name, () => real.openSync(path, opened, given.mode ?? 0o666), write);
    }
  }
}

function withoutEmptying(flags: string | number): number {
  if (typeof flags === 'number') return flags & ~O_TRUNC;
  return O_CREAT | (flags === 'w' ? O_WRONLY : O_RDWR);
}

function drain(fd: number): Buffer {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const count = readSync(fd, chunk, 0, CHUNK_BYTES);
    if (count === 0) return Buffer.concat(chunks);
    push(chunks, chunk.subarray(0, count));
  }
}

function writeAll(fd: number, bytes: View): void {
  for (let at = 0; at < bytes.byteLength; ) at += writeSync(fd, bytes, at, bytes.byteLength - at);
}

/** Runs `use` with the descriptor given, or with one that is opened and closed for it. */
function withDescriptor<T>(
  path: PathOrFileDescriptor,
  flag: string | number | undefined,
  mode: number | string | undefined,
  use: (fd: number) => T,
): T {
  if (typeof path === 'number') return use(path);
  const fd = openSync(path, flag, mode ?? 0o666);
  try {
    return use(fd);
  } finally {
    real.closeSync(fd);
  }
}

function statusOfEither(path: PathOrFileDescriptor): Stats | undefined {
  return typeof path === 'number' ? statusOfFd(path) : statusOf(path);
}

/** The options as an object; undefined if Node would refuse them. */
function optionsOf(options: unknown): FileOptions | undefined {
  if (options === undefined || options === null || typeof options === 'function') return {};
  const given = (typeof options === 'string' ? { encoding: options } : options) as FileOptions;
  if (typeof given !== 'object') return undefined;
  const { encoding, flush } = given;
  const knowsEncoding = encoding === undefined || encoding === null || Buffer.isEncoding(encoding);
  return knowsEncoding && (flush === undefined || flush === null || typeof flush === 'boolean')
    ? given
    : undefined;
}

/** The sync forms know no `signal`. */
function forCallbackForm({ signal, ...options }: FileOptions): { encoding?: BufferEncoding | null } {
  return options;
}

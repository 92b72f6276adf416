// readFileSync, writeFileSync, appendFileSync, copyFileSync, and the flushes.
import type { PathLike, PathOrFileDescriptor, Stats } from 'node:fs';
import { isPipe, isStreamLike, statusOfFd } from '../../runtime/descriptor.js';
import { readSync, writeSync } from './descriptor.js';
import { statusOf } from './kind.js';
import { type Done, inPlace, inPool, real, SMALL_BYTES } from './native.js';
import { openSync } from './open.js';

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
  if (status === undefined || given === undefined) return native();
  if (isStreamLike(status) && given.buffer === undefined) {
    const bytes = withDescriptor(path, given.flag, undefined, drain);
    return given.encoding ? bytes.toString(given.encoding) : bytes;
  }
  if (!isStreamLike(status) && status.size <= SMALL_BYTES) return inPlace(native);
  return inPool('readFileSync', (done: Done<string | Buffer>) =>
    real.readFile(path, forCallbackForm(given), done),
  );
}

/** `fs.writeFileSync` for code that may suspend. */
export function writeFileSync(path: PathOrFileDescriptor, data: string | View, options?: unknown): void {
  write('writeFileSync', 'w', path, data, options);
}

/** `fs.appendFileSync` for code that may suspend. */
export function appendFileSync(path: PathOrFileDescriptor, data: string | View, options?: unknown): void {
  write('appendFileSync', 'a', path, data, options);
}

/** `fs.copyFileSync` for code that may suspend. */
export function copyFileSync(src: PathLike, dest: PathLike, mode?: number): void {
  const status = statusOf(src);
  const isLong = status !== undefined && (isPipe(status) || status.size > SMALL_BYTES);
  if (isLong) inPool('copyFileSync', (done) => real.copyFile(src, dest, mode ?? 0, done));
  else inPlace(() => real.copyFileSync(src, dest, mode));
}

/** `fs.fsyncSync` for code that may suspend. */
export function fsyncSync(fd: number): void {
  inPool('fsyncSync', (done) => real.fsync(fd, done));
}

/** `fs.fdatasyncSync` for code that may suspend. */
export function fdatasyncSync(fd: number): void {
  inPool('fdatasyncSync', (done) => real.fdatasync(fd, done));
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
  if (given === undefined || (!isText && !ArrayBuffer.isView(data))) {
    native(); // Throws.
  } else if (status !== undefined && isStreamLike(status)) {
    const bytes = isText ? Buffer.from(data, given.encoding ?? 'utf8') : data;
    withDescriptor(path, given.flag || flag, given.mode, (fd) => writeAll(fd, bytes));
  } else if ((isText ? data.length : data.byteLength) <= SMALL_BYTES && !given.flush) {
    inPlace(native);
  } else {
    const callbackForm = (
      name === 'writeFileSync' ? real.writeFile : real.appendFile
    ) as typeof real.writeFile;
    inPool(name, (done) => callbackForm(path, data as string, forCallbackForm(given), done));
  }
}

function drain(fd: number): Buffer {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const count = readSync(fd, chunk, 0, CHUNK_BYTES);
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
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

/** `aevent/os`: reading and writing by descriptor, as Python's `os` does; what would block suspends. */
import { copyOfBuiltin } from '../base/builtins.js';
import { describe } from '../base/describe.js';
import { invalidArgument, systemError } from '../base/errors.js';
import { checkpointIfCancelled } from '../cancellation/checkpoint.js';
import {
  isStreamLike,
  openModeOf,
  SURE_BYTES,
  statusOfFd,
  step,
  unlessItWouldBlock,
} from '../io/descriptor.js';
import { inFileOrder, isFileBusy } from '../io/file-order.js';
import { holdDescriptor } from '../io/held-descriptor.js';
import { suspendBlocking, takeFromStream } from '../io/stream-descriptors.js';
import { loadNative } from '../native/load.js';
import { cheaply } from '../patching/cheap-calls.js';
import { hasPortal } from '../suspension/portal.js';
import { inDescriptorsTurn } from '../waiting/descriptor-turn.js';
import { POLLIN, POLLOUT } from './select/events.js';

const fs = copyOfBuiltin<typeof import('node:fs')>('fs');
const { O_RDONLY, O_WRONLY } = fs.constants;

/** More than any pipe or socket gives at once. */
const LARGEST_CHUNK = 1024 * 1024;
/** Up to so many bytes of a regular file are handled in place: the thread pool would take longer. */
const SMALL_BYTES = 128 * 1024;
const LARGEST_COUNT = 2 ** 31 - 1;

/**
 * Reads at most `n` bytes. A checkpoint where it has to wait: for a pipe, a socket, a terminal to have something, for
 * the thread pool to read much of a file. A descriptor that was opened with `O_NONBLOCK` waits all the same.
 * @returns what there was, at least one byte; none at the end
 * @throws Node's system errors; TypeError `AEVENT_INVALID_ARGUMENT`; {@link Cancelled}; {@link NoPortalError} where it
 *   would have to wait and nothing can be suspended
 * @see Python `os.read`
 */
export function read(fd: number, n: number): Buffer {
  checkFd(fd, 'read');
  if (!Number.isInteger(n) || n < 0 || n > LARGEST_COUNT) {
    throw invalidArgument(
      'AEVENT_INVALID_ARGUMENT',
      `read() takes a number of bytes >= 0, not ${describe(n)}.`,
    );
  }
  const waits = mayWait(fd);
  const buffer = Buffer.allocUnsafeSlow(waits ? Math.min(n, LARGEST_CHUNK) : n);
  const native = (on: number): number => fs.readSync(on, buffer, 0, buffer.length, null);
  if (waits && n > 0) {
    const buffered = hasPortal() ? takeFromStream(fd, [buffer]) : undefined;
    return buffer.subarray(0, buffered ?? whenReady(fd, O_RDONLY, 'os.read', native));
  }
  return buffer.subarray(
    0,
    ofFile(
      fd,
      'os.read',
      buffer.length,
      () => native(fd),
      (on, done) => fs.read(on, buffer, 0, buffer.length, null, done),
    ),
  );
}

/**
 * Writes as much of `data` as the descriptor takes now. A checkpoint where it has to wait until that is something, or
 * for the thread pool to write much to a file.
 * @param data - a string is written as UTF-8
 * @returns the number of bytes written, which may be fewer than there are
 * @throws as {@link read}
 * @see Python `os.write`
 */
export function write(fd: number, data: NodeJS.ArrayBufferView | string): number {
  checkFd(fd, 'write');
  if (typeof data !== 'string' && !ArrayBuffer.isView(data)) {
    throw invalidArgument('AEVENT_INVALID_ARGUMENT', `write() takes a string or bytes, not ${typeof data}.`);
  }
  // A copy: the caller's may change while the call waits.
  const bytes =
    typeof data === 'string'
      ? Buffer.from(data)
      : Buffer.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (bytes.length > 0 && mayWait(fd)) {
    const isBlocking = openModeOf(fd)?.isNonBlocking !== true;
    return whenReady(fd, O_WRONLY, 'os.write', (on, isTwin) =>
      // A descriptor that is ready takes that much without blocking.
      fs.writeSync(on, bytes, 0, !isTwin && isBlocking ? Math.min(bytes.length, SURE_BYTES) : bytes.length),
    );
  }
  return ofFile(
    fd,
    'os.write',
    bytes.length,
    () => fs.writeSync(fd, bytes),
    (on, done) => fs.write(on, bytes, 0, bytes.length, null, done),
  );
}

/**
 * Makes a pipe, which child processes do not inherit. Not a checkpoint. Close both ends with `fs.closeSync`.
 * @throws Node's system errors, as `EMFILE`
 * @see Python `os.pipe`
 */
export function pipe(): [readFd: number, writeFd: number] {
  const ends = new Int32Array(2);
  const status = loadNative().pipe(ends);
  if (status < 0) throw systemError(status, 'pipe');
  return [ends[0] as number, ends[1] as number];
}

function mayWait(fd: number): boolean {
  const status = statusOfFd(fd);
  return status !== undefined && isStreamLike(status);
}

/** Runs `run` as often as it takes not to be told to wait; in turn with others who read (or write) there. */
function whenReady(
  fd: number,
  access: number,
  what: string,
  run: (on: number, isTwin: boolean) => number,
): number {
  const status = statusOfFd(fd);
  const mode = openModeOf(fd);
  // Opened the other way round: the call itself says so.
  if (status === undefined || mode?.access === (access === O_RDONLY ? O_WRONLY : O_RDONLY))
    return run(fd, false);
  const use = (): number =>
    inDescriptorsTurn({ fd, status, mode }, access, what, (held, canBeTwice) => {
      const twice = canBeTwice && !mode?.isNonBlocking;
      for (;;) {
        if (mode?.isNonBlocking || (!twice && isReady(held, access))) {
          const count = unlessItWouldBlock(() => run(held, false));
          if (count !== undefined) return count;
        }
        const count = step(held, access, twice, what, (on) => run(on, on !== held));
        if (count !== undefined) return count;
      }
    });
  return hasPortal() ? cheaply('os', use) : use();
}

function isReady(fd: number, access: number): boolean {
  return loadNative().pollNow(Int32Array.of(fd, access === O_RDONLY ? POLLIN : POLLOUT, 0)) > 0;
}

function ofFile(
  fd: number,
  what: string,
  length: number,
  native: () => number,
  inPool: (on: number, done: (error: Error | null, count: number) => void) => void,
): number {
  if (!hasPortal()) return native();
  const status = statusOfFd(fd);
  if (status === undefined || (length <= SMALL_BYTES && !isFileBusy(status))) return cheaply('os', native);
  checkpointIfCancelled();
  const held = holdDescriptor(fd);
  if (held === undefined) return native();
  return suspendBlocking<number>(
    what,
    (wait) => {
      inFileOrder([status], (ended) =>
        inPool(held.fd, (error, count) => {
          ended();
          held.release();
          if (error) wait.reject(error);
          else wait.resolve(count);
        }),
      );
      return () => {};
    },
    fd,
  );
}

function checkFd(fd: number, what: string): void {
  if (Number.isInteger(fd) && fd >= 0 && fd <= LARGEST_COUNT) return;
  throw invalidArgument('AEVENT_INVALID_ARGUMENT', `${what}() takes a file descriptor, not ${describe(fd)}.`);
}

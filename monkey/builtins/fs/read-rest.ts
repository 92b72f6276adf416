// Reads what is left of an open file in libuv's thread pool, with the result and the errors of `fs.readFileSync(fd)`.
// `fs.readFile(fd)` would not do: where a read fails it gives the bytes that it has, and no error (Node 20 to 26).
import type { Stats } from 'node:fs';
import { push } from '../../../runtime/base/primordials.js';
import type { Done } from '../../kit/thread-pool.js';
import { real } from './in-place-or-pool.js';

/** So much is read at once, as in `fs.readFile()`: others wait for threads of the pool, too. */
const PART_BYTES = 512 * 1024;
/** So much, if the system does not tell the size of the file. */
const UNKNOWN_BYTES = 64 * 1024;
/** Node reads no larger files. */
const MOST_BYTES = 2 ** 31 - 1;

/** Reads from where the descriptor is to the end; gives a string if there is an encoding. */
export function readRest(
  fd: number,
  encoding: BufferEncoding | null | undefined,
  done: Done<string | Buffer>,
): void {
  const finish = (bytes: Buffer): void => done(null, encoding ? bytes.toString(encoding) : bytes);
  const withSize = ({ size }: Stats): void => {
    if (size > MOST_BYTES)
      done(null, real.readFileSync(fd)); // Throws Node's error.
    else if (size > 0) readInto(fd, Buffer.allocUnsafeSlow(size), 0, finish, done);
    else readParts(fd, [], finish, done);
  };
  real.fstat(fd, passing(withSize, done));
}

function readInto(
  fd: number,
  whole: Buffer,
  at: number,
  finish: (bytes: Buffer) => void,
  done: Done<never>,
): void {
  const length = Math.min(PART_BYTES, whole.byteLength - at);
  const read = (count: number): void => {
    const end = at + count;
    if (count > 0 && end < whole.byteLength) readInto(fd, whole, end, finish, done);
    else finish(end < whole.byteLength ? whole.subarray(0, end) : whole);
  };
  real.read(fd, whole, at, length, null, passing(read, done));
}

function readParts(fd: number, parts: Buffer[], finish: (bytes: Buffer) => void, done: Done<never>): void {
  const part = Buffer.allocUnsafeSlow(UNKNOWN_BYTES);
  const read = (count: number): void => {
    push(parts, part.subarray(0, count));
    if (count > 0) readParts(fd, parts, finish, done);
    else finish(Buffer.concat(parts));
  };
  real.read(fd, part, 0, UNKNOWN_BYTES, null, passing(read, done));
}

/** A callback that goes on with `use`, and passes errors, also those that `use` throws (no memory, too long for a string). */
function passing<T>(use: (value: T) => void, done: Done<never>): (error: Error | null, value: T) => void {
  return (error, value) => {
    try {
      if (error === null) {
        use(value);
        return;
      }
    } catch (thrown) {
      done(thrown as Error);
      return;
    }
    done(error);
  };
}

// copyFileSync. A large file is copied in libuv's pool, which opens both files when a thread gets to it. By then the paths
// may name other files, or none. So both are opened at the call, and the pool is given the links of /proc that lead to them.
import type { PathLike, Stats } from 'node:fs';
import { checkpointIfCancelled } from '../../../runtime/cancellation/checkpoint.js';
import { isPipe, isStreamLike } from '../../../runtime/io/descriptor.js';
import { isFileBusy, someFileIsBusy } from '../../../runtime/io/file-order.js';
import { noteReplaced } from '../../../runtime/patching/changed-files.js';
import { type Done, inPool } from '../../kit/thread-pool.js';
import { closeAfter, inPlace, inPoolOnOwn, real, SMALL_BYTES } from './in-place-or-pool.js';
import { hasLinks, linkOfFd, withPaths } from './link-of-fd.js';
import { statusOf } from './stat-and-flags.js';

const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY, COPYFILE_EXCL, COPYFILE_FICLONE, COPYFILE_FICLONE_FORCE } =
  real.constants;
const ALL_FLAGS = COPYFILE_EXCL | COPYFILE_FICLONE | COPYFILE_FICLONE_FORCE;
/** The copy gets the mode of its source in the end. */
const MODE_MEANWHILE = 0o600;

/** `fs.copyFileSync` for code that may suspend. */
export function copyFileSync(src: PathLike, dest: PathLike, mode?: number): void {
  const native = (): void => real.copyFileSync(src, dest, mode);
  const status = statusOf(src);
  const flags = mode ?? 0;
  noteReplaced(dest, () => statusOf(dest));
  if (status === undefined || !isMode(flags) || !isLong(status, dest)) inPlace(native);
  else if (isStreamLike(status) || !hasLinks())
    inPool<void>('fs.copyFileSync', (done) => real.copyFile(src, dest, flags, done));
  else copyLarge(src, dest, flags, native);
}

/** False for what Node refuses. */
function isMode(flags: unknown): boolean {
  return Number.isInteger(flags) && ((flags as number) & ~ALL_FLAGS) === 0;
}

function isLong(status: Stats, dest: PathLike): boolean {
  if (isPipe(status) || status.size > SMALL_BYTES) return true;
  return someFileIsBusy() && (isFileBusy(status) || isFileBusy(statusOf(dest)));
}

function copyLarge(src: PathLike, dest: PathLike, mode: number, native: () => void): void {
  checkpointIfCancelled();
  const existed = statusOf(dest) !== undefined;
  const source = opened(src, O_RDONLY);
  const exclusive = (mode & COPYFILE_EXCL) === 0 ? 0 : O_EXCL;
  const target = source === undefined ? undefined : opened(dest, O_WRONLY | O_CREAT | exclusive);
  if (source === undefined || target === undefined) {
    if (source !== undefined) real.closeSync(source);
    native(); // Says what is wrong.
    return;
  }
  const status = real.fstatSync(source);
  const copy = (on: number, done: Done<void>): void =>
    real.copyFile(linkOfFd(source), linkOfFd(on), mode & ~COPYFILE_EXCL, (ofCopy) => {
      const error = closeAfter(source, ofCopy);
      if (error && !existed) discard(dest);
      done(error && withPaths(error, src, dest));
    });
  inPoolOnOwn('copyFileSync', () => target, copy, [status]);
}

function opened(path: PathLike, flags: number): number | undefined {
  try {
    return real.openSync(path, flags, MODE_MEANWHILE);
  } catch {
    return undefined;
  }
}

function discard(path: PathLike): void {
  try {
    real.unlinkSync(path);
  } catch {
    // It has gone already.
  }
}

// Opening a FIFO waits until its other end is open, too. Node's loop must not wait, and libuv's pool has four
// threads that others need. For writing that is simple: with O_NONBLOCK the kernel says ENXIO until a reader
// comes. For reading it says nothing until a writer has written or gone, so a pool thread waits in open(),
// as long as half of the pool stays free; beyond that, readiness has to do.
import type { Mode, OpenMode, PathLike } from 'node:fs';
import { builtin, ofProcess } from '../../../runtime/base/builtins.js';
import { codeOf } from '../../../runtime/base/errors.js';
import { hasPart } from '../../../runtime/base/primordials.js';
import { closingAfter, isPipe } from '../../../runtime/io/descriptor.js';
import { waitForFd } from '../../../runtime/io/fd-readiness.js';
import { suspendBlocking } from '../../../runtime/io/stream-descriptors.js';
import { noteOpened } from '../../../runtime/patching/changed-files.js';
import { inPool } from '../../kit/thread-pool.js';
import { inPlace, real } from './in-place-or-pool.js';
import { accessOf, empties, statusOf } from './stat-and-flags.js';

const { O_RDONLY, O_WRONLY, O_RDWR, O_NONBLOCK, O_CREAT, O_EXCL } = real.constants;
const FIRST_RETRY_MS = 1;
const LAST_RETRY_MS = 16;
const timers = builtin<typeof import('node:timers')>('timers');

const poolShare = Math.max(1, Math.floor((Number(process.env.UV_THREADPOOL_SIZE) || 4) / 2));
/**
 * FIFOs that a pool thread waits at, each by a descriptor that reads it without waiting; and the writer that was opened
 * to make an end of that, if it was.
 */
const waitedFor = new Map<number, number | undefined>();

/** `fs.openSync` for code that may suspend. */
export function openSync(path: PathLike, flags?: OpenMode, mode?: Mode | null): number {
  const status = waits(flags) ? statusOf(path) : undefined;
  if (status === undefined || !isPipe(status)) {
    return inPlace(() => {
      const fd = real.openSync(path, flags as OpenMode, mode);
      const way = wayOf(flags);
      if (way !== undefined) noteOpened(fd, path, way);
      return fd;
    });
  }
  return accessOf(flags) === O_WRONLY ? openForWriting(path, flags, mode) : openForReading(path, flags, mode);
}

/** Tells how the file will be used; undefined if it is only appended to. */
function wayOf(flags: unknown): 'read' | 'change' | 'replace' | undefined {
  if (empties(flags)) return 'replace';
  const access = accessOf(flags);
  if (access === O_RDWR) return 'change';
  return access === O_RDONLY ? 'read' : undefined;
}

/** False if an open with these flags never waits, not even at a FIFO. */
function waits(flags: unknown): boolean {
  const access = accessOf(flags);
  if (access === undefined || access === O_RDWR) return false;
  if (typeof flags === 'string') return !hasPart(flags, 'x');
  return (
    typeof flags !== 'number' ||
    ((flags & O_NONBLOCK) === 0 && (flags & (O_CREAT | O_EXCL)) !== (O_CREAT | O_EXCL))
  );
}

function openForWriting(path: PathLike, flags?: OpenMode, mode?: Mode | null): number {
  for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(delayMs * 2, LAST_RETRY_MS)) {
    let probe: number | undefined;
    try {
      probe = real.openSync(path, O_WRONLY | O_NONBLOCK, mode);
    } catch (error) {
      if (codeOf(error) !== 'ENXIO') throw error;
    }
    if (probe === undefined) sleep(delayMs);
    else return closingAfter(probe, () => openNow(path, flags, mode, O_RDONLY));
  }
}

function openForReading(path: PathLike, flags?: OpenMode, mode?: Mode | null): number {
  if (waitedFor.size < poolShare) return openInPool(path, flags, mode);
  const probe = real.openSync(path, O_RDONLY | O_NONBLOCK, mode);
  return closingAfter(probe, () => {
    waitForFd(probe, 'r', 'fs.openSync');
    return openNow(path, flags, mode, O_WRONLY);
  });
}

/** Opens a FIFO whose other end was open a moment ago. Holding that end ourselves makes sure that open() returns. */
function openNow(
  path: PathLike,
  flags: OpenMode | undefined,
  mode: Mode | null | undefined,
  otherEnd: number,
): number {
  let partner: number;
  try {
    partner = real.openSync(path, otherEnd | O_NONBLOCK);
  } catch {
    return openInPool(path, flags, mode);
  }
  return closingAfter(partner, () => real.openSync(path, flags as OpenMode, mode));
}

function openInPool(path: PathLike, flags?: OpenMode, mode?: Mode | null): number {
  let twin = -1;
  return inPool<number>(
    'fs.openSync',
    (done) => {
      // Reaches the FIFO even if it is removed meanwhile.
      twin = real.openSync(path, O_RDONLY | O_NONBLOCK, mode);
      if (waitedFor.size === 0) ofProcess.once('exit', letGo);
      waitedFor.set(twin, undefined);
      const opened = (): void => {
        const writer = waitedFor.get(twin);
        if (writer !== undefined) real.closeSync(writer);
        waitedFor.delete(twin);
        real.closeSync(twin);
        if (waitedFor.size === 0) ofProcess.off('exit', letGo);
      };
      try {
        real.open(path, flags as OpenMode, mode, (error, fd) => {
          opened();
          done(error, fd);
        });
      } catch (error) {
        opened();
        throw error;
      }
    },
    { interrupt: () => endWait(twin), release: (fd) => real.close(fd, () => {}) },
    path,
  );
}

/** A thread that waits in open() would make the process wait at its end. */
function letGo(): void {
  for (const twin of waitedFor.keys()) endWait(twin);
}

/**
 * Has the open() end that waits to read the FIFO that `twin` reads: a writer comes, and stays until it has. One that
 * went at once could have gone before the pool's thread was there.
 */
function endWait(twin: number): void {
  try {
    waitedFor.set(twin, real.openSync(`/proc/self/fd/${twin}`, O_WRONLY | O_NONBLOCK));
  } catch {
    // No /proc, or not ours to write: nothing else can wake that thread.
  }
}

/** Suspends for `delayMs` milliseconds. */
export function sleep(delayMs: number): void {
  suspendBlocking<void>('fs: another try', (wait) => {
    const timer = timers.setTimeout(() => wait.resolve(), delayMs);
    return () => timers.clearTimeout(timer);
  });
}

// File descriptors: of what kind they are, and how to read and write at those that may wait for another process (pipes,
// sockets, terminals) without blocking. A step on a pipe or a terminal goes through a second, non-blocking descriptor
// of it, opened by way of /proc: then it cannot block even if another process takes the bytes that were there to read.
import type { Stats } from 'node:fs';
import { copyOfBuiltin } from '../base/builtins.js';
import { codeOf, isSystemError } from '../base/errors.js';
import { exec } from '../base/primordials.js';
import { waitForFd } from './fd-readiness.js';

const fs = copyOfBuiltin<typeof import('node:fs')>('fs');
const { S_IFMT, S_IFIFO, S_IFSOCK, S_IFCHR, O_RDONLY, O_NONBLOCK, O_NOCTTY } = fs.constants;

/** The bits that `O_RDONLY`, `O_WRONLY` and `O_RDWR` are made of. */
export const ACCESS_BITS = 3;
/** So many bytes fit into each pipe that poll() calls writable: PIPE_BUF. */
export const SURE_BYTES = 4096;
// Unix98 pseudo-terminals, the side that programs run on: Linux, Documentation/admin-guide/devices.txt.
const PTS_MAJORS = { first: 136, last: 143 };

/** Status of a file descriptor; undefined if Node's own function should throw the error. */
export function statusOfFd(fd: number): Stats | undefined {
  try {
    return fs.fstatSync(fd);
  } catch {
    return undefined;
  }
}

/** True of a file that can make a read or a write wait for another process: a pipe, a socket, a terminal or another device. */
export function isStreamLike(status: Stats): boolean {
  const type = status.mode & S_IFMT;
  return type === S_IFIFO || type === S_IFSOCK || type === S_IFCHR;
}

/** True of pipes, named or not. */
export function isPipe(status: Stats): boolean {
  return (status.mode & S_IFMT) === S_IFIFO;
}

/**
 * True if opening `/proc/self/fd/N` gives another descriptor of the same pipe or terminal. It does not work for
 * sockets, and on other devices `open` may have effects (a pty master would make a new terminal).
 */
export function canBeReopened(status: Stats): boolean {
  if (isPipe(status)) return true;
  const major = (status.rdev >> 8) & 0xfff;
  return (status.mode & S_IFMT) === S_IFCHR && major >= PTS_MAJORS.first && major <= PTS_MAJORS.last;
}

/**
 * Names the thing at which calls that may wait take turns: all descriptors of one pipe or socket are one. Of a device each is for
 * itself: all pty masters are the same file, but not the same terminal.
 * @param way - `r` to read, `w` to write
 */
export function turnKeyOf(way: 'r' | 'w', fd: number, status: Stats): string {
  return (status.mode & S_IFMT) === S_IFCHR ? `${way}${fd}` : `${way}${status.dev}:${status.ino}`;
}

/** How a file descriptor was opened. */
export interface OpenMode {
  /** `O_RDONLY`, `O_WRONLY` or `O_RDWR`. */
  readonly access: number;
  readonly isNonBlocking: boolean;
}

/** Linux's facts of an open file: its flags, its locks; undefined elsewhere. */
export function infoOfFd(fd: number): string | undefined {
  try {
    return fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
  } catch {
    return undefined;
  }
}

/** How `fd` was opened; undefined where the system doesn't say (it is Linux that does). */
export function openModeOf(fd: number): OpenMode | undefined {
  const flags = Number.parseInt(exec(/^flags:\s*([0-7]+)/m, infoOfFd(fd) ?? '')?.[1] ?? '', 8);
  if (Number.isNaN(flags)) return undefined;
  return { access: flags & ACCESS_BITS, isNonBlocking: (flags & O_NONBLOCK) !== 0 };
}

/**
 * One step that cannot block; undefined if it could do nothing, and has waited until it may.
 * @param twice - `fd` can be opened a second time, without blocking
 * @param what - names the wait in the task dump
 * @param run - reads or writes at the descriptor it is given
 * @param beforeWait - called before it waits
 */
export function step(
  fd: number,
  access: number,
  twice: boolean,
  what: string,
  run: (on: number) => number,
  beforeWait?: () => void,
): number | undefined {
  const wait = (): void => {
    beforeWait?.();
    waitForFd(fd, access === O_RDONLY ? 'r' : 'w', what);
  };
  let refusal: unknown;
  if (twice) {
    try {
      const twin = fs.openSync(`/proc/self/fd/${fd}`, access | O_NONBLOCK | O_NOCTTY);
      const count = closingAfter(twin, () => unlessItWouldBlock(() => run(twin)));
      if (count === undefined) wait();
      return count;
    } catch (error) {
      if (!isSystemError(error) || (error as NodeJS.ErrnoException).syscall !== 'open') throw error;
      refusal = codeOf(error);
    }
  }
  // No reader is left, or `fd` was closed meanwhile: the call itself answers that, and at once.
  if (refusal !== 'ENXIO' && refusal !== 'ENOENT') wait();
  return unlessItWouldBlock(() => run(fd));
}

/** Gives the result of `run`; undefined if it would have to wait (EAGAIN). */
export function unlessItWouldBlock(run: () => number): number | undefined {
  try {
    return run();
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') return undefined;
    throw error;
  }
}

/** Runs `use`, then closes `fd`, however it ended. */
export function closingAfter<T>(fd: number, use: () => T): T {
  try {
    return use();
  } finally {
    fs.closeSync(fd);
  }
}

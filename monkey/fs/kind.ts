import type { PathLike, Stats } from 'node:fs';
import { real } from './native.js';

const { S_IFMT, S_IFIFO, S_IFSOCK, S_IFCHR, O_NONBLOCK } = real.constants;
const ACCESS_BITS = 3; // O_RDONLY, O_WRONLY or O_RDWR
// Unix98 pseudo-terminals, the side that programs run on: Linux, Documentation/admin-guide/devices.txt.
const PTS_MAJORS = { first: 136, last: 143 };

/** Status of a path; undefined if Node's own function should say what is wrong with it. */
export function statusOf(path: PathLike): Stats | undefined {
  try {
    return real.statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Status of a file descriptor; undefined if Node's own function should say what is wrong with it. */
export function statusOfFd(fd: number): Stats | undefined {
  try {
    return real.fstatSync(fd);
  } catch {
    return undefined;
  }
}

/** True of what can make a read or a write wait for somebody: a pipe, a socket, a terminal or another device. */
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

/** How a file descriptor was opened. */
export interface OpenMode {
  /** `O_RDONLY`, `O_WRONLY` or `O_RDWR`. */
  readonly access: number;
  readonly isNonBlocking: boolean;
}

/** How `fd` was opened; undefined where the system doesn't say (it is Linux that does). */
export function openModeOf(fd: number): OpenMode | undefined {
  let info: string;
  try {
    info = real.readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
  } catch {
    return undefined;
  }
  const flags = Number.parseInt(/^flags:\s*([0-7]+)/m.exec(info)?.[1] ?? '', 8);
  if (Number.isNaN(flags)) return undefined;
  return { access: flags & ACCESS_BITS, isNonBlocking: (flags & O_NONBLOCK) !== 0 };
}

/** The access bits of what `fs.open` takes as `flags`; undefined if Node would refuse it. */
export function accessOf(flags: unknown): number | undefined {
  const { O_RDONLY, O_WRONLY, O_RDWR } = real.constants;
  if (typeof flags === 'number') return flags & ACCESS_BITS;
  if (flags === undefined || flags === null) return O_RDONLY;
  if (typeof flags !== 'string' || !/^(rs?|[wa]x?|x[wa]|as|sa|sr)\+?$/.test(flags)) return undefined;
  if (flags.endsWith('+')) return O_RDWR;
  return flags.includes('r') ? O_RDONLY : O_WRONLY;
}

// cpSync. Up to Node 22.14 all of it is JavaScript that asks `filter` about every entry, so there the event loop
// gets its turns. Later it copies trees in C++, in one go; then we copy trees ourselves, if they are plain ones:
// regular files, directories and links, nothing in their way. Anything else is left to Node's own function, whose
// results and errors for such cases differ from version to version.
import type { BigIntStats, CopySyncOptions, Dirent, PathLike } from 'node:fs';
import { builtin } from '../../../runtime/base/builtins.js';
import { isSystemError } from '../../../runtime/base/errors.js';
import { each, push, startsWith } from '../../../runtime/base/primordials.js';
import { inPool } from '../../kit/thread-pool.js';
import { copiesTreesNatively } from '../../node-features.js';
import { copyFileSync } from './copy-file.js';
import { readdirSync } from './directories.js';
import { choosing, fixed, type Place, withNames } from './fixed-place.js';
import { inPlace, pathOf, real, SMALL_BYTES } from './in-place-or-pool.js';

const { basename, dirname, join, relative, resolve, sep } = builtin<typeof import('node:path')>('path');
const { tmpdir } = builtin<typeof import('node:os')>('os');

/** The attributes that Node's own function gives the copy of a directory; see {@link keptOfDirectories}. */
interface Kept {
  readonly mode: boolean;
  /** Only where `preserveTimestamps` asks for it. */
  readonly times: boolean;
}

let kept: Kept | undefined;

type Options = CopySyncOptions;

/** `fs.cpSync` for code that may suspend. */
export function cpSync(src: PathLike, dest: PathLike, options?: Options): void {
  const from = pathOf(src);
  const to = pathOf(dest);
  const isAsked = options === undefined || (typeof options === 'object' && options !== null);
  const status = from !== undefined && isAsked ? statusOf(from, options?.dereference) : undefined;
  if (from === undefined || to === undefined || status === undefined) {
    real.cpSync(src as string, dest as string, options);
    return;
  }
  const source = fixed(from);
  const target = fixed(to);
  const choose = choosing();
  const native = (): void => real.cpSync(choose(source), choose(target), options);
  if (options?.filter !== undefined) withTurns(source, target, options);
  else if (status.isFile() && status.size > SMALL_BYTES) copyLargeFile(source, target, options, native);
  else if (!status.isDirectory() || options?.recursive !== true) inPlace(native);
  else if (!copiesTreesNatively) withTurns(source, target, options);
  else copyTree(source.at, target.at, options, native);
}

function copyTree(from: string, to: string, options: Options, native: () => void): void {
  const steps = plainly(() => (isApart(from, to) ? planOf(from, to, options) : undefined));
  try {
    if (steps !== undefined) real.mkdirSync(dirname(resolve(to)), { recursive: true });
    for (const step of each(steps ?? [native])) step();
  } catch (error) {
    // Node's own function meets the same obstacle and says it in its own way; unless our copies are in its way.
    if (steps === undefined || !isSystemError(error) || (options.errorOnExist && options.force === false))
      throw error;
    native();
  }
}

/** Copies natively; the loop gets its turns whenever Node asks whether to copy an entry. */
function withTurns(source: Place, target: Place, options: Options): void {
  const { filter = () => true } = options;
  let isRoot = true;
  const turn = (from: string, to: string): boolean => {
    const isNested = !isRoot;
    isRoot = false;
    const isWanted = inPlace(() => filter(nameIn(source, from), nameIn(target, to)));
    if (isWanted !== true || !isNested || !isLargeNewFile(from, to, options)) return isWanted;
    copyFileSync(from, to, options.mode);
    if (options.preserveTimestamps) copyTimes(from, to);
    return false;
  };
  withNames([source, target], () =>
    real.cpSync(source.at, target.at, { ...options, filter: typeof filter === 'function' ? turn : filter }),
  );
}

/** The name by which Node's own function would know a path in `place`. */
function nameIn({ given, at }: Place, path: string): string {
  if (given === at) return path;
  return path === at ? given : join(given, relative(at, path));
}

function copyLargeFile(source: Place, target: Place, options: Options | undefined, native: () => void): void {
  try {
    inPool(
      'fs.cpSync',
      (done) => real.cp(source.at, target.at, { ...options }, done),
      undefined,
      source.given,
    );
  } catch (error) {
    if (!isSystemError(error)) throw error;
    native(); // Fails for the same reason, with the sync form's error.
  }
}

type Step = () => void;

/** The steps that copy a tree; undefined if it is none that can be copied here. */
function planOf(from: string, to: string, options: Options): Step[] | undefined {
  const { force = true, errorOnExist = false, dereference = false, verbatimSymlinks = false } = options;
  const ofDirectories = keptOfDirectories();
  if (ofDirectories === undefined) return undefined;
  const steps: Step[] = [];
  const visit = (source: string, target: string, mayExist: boolean): boolean => {
    const there = mayExist ? lstat(target) : undefined;
    if (there !== undefined && (!there.isDirectory() || (errorOnExist && !force))) return false;
    const entries = entriesOf(source);
    if (entries === undefined) return false;
    if (there === undefined) push(steps, () => inPlace(() => real.mkdirSync(target)));
    for (const entry of each(entries)) {
      if (!add(entry, join(source, entry.name), join(target, entry.name), there !== undefined)) return false;
    }
    const mode = ofDirectories.mode && there === undefined;
    const times = ofDirectories.times && options.preserveTimestamps === true;
    if (mode || times) push(steps, () => finishDirectory(source, target, { mode, times }));
    return true;
  };
  const add = (entry: Dirent, source: string, target: string, mayExist: boolean): boolean => {
    if (entry.isDirectory()) return visit(source, target, mayExist);
    const there = mayExist ? lstat(target) : undefined;
    if (entry.isSymbolicLink()) {
      if (dereference || there !== undefined) return false;
      push(steps, () => copyLink(source, target, verbatimSymlinks));
      return true;
    }
    if (!entry.isFile()) return false;
    if (there !== undefined && (!there.isFile() || isSame(lstat(source), there) || (errorOnExist && !force)))
      return false;
    if (there === undefined || force) push(steps, () => copyFile(source, target, options));
    return true;
  };
  return visit(from, to, true) ? steps : undefined;
}

function copyFile(from: string, to: string, options: Options): void {
  copyFileSync(from, to);
  if (options.preserveTimestamps) copyTimes(from, to);
}

function copyLink(from: string, to: string, verbatim: boolean): void {
  inPlace(() => {
    const target = real.readlinkSync(from);
    real.symlinkSync(verbatim ? target : weaklyCanonical(resolve(dirname(from), target)), to);
  });
}

function finishDirectory(from: string, to: string, { mode, times }: Kept): void {
  inPlace(() => {
    if (times) copyTimes(from, to);
    if (mode) real.chmodSync(to, real.statSync(from).mode);
  });
}

/**
 * The attributes that Node's own function gives the copy of a directory. It is tried once, since patch releases differ: 24.21 and 26.0 give
 * neither, 24.22 the mode, 26.12 both. Undefined if it cannot be tried, for want of a temporary directory.
 */
function keptOfDirectories(): Kept | undefined {
  if (kept !== undefined) return kept;
  return plainly(() => {
    const place = real.mkdtempSync(join(tmpdir(), 'aevent-'));
    try {
      const from = join(place, 'from');
      const to = join(place, 'to');
      real.mkdirSync(from);
      real.chmodSync(from, 0o710);
      real.utimesSync(from, 1, 1);
      real.cpSync(from, to, { recursive: true, preserveTimestamps: true });
      const { mode, mtimeMs } = real.statSync(to);
      kept = { mode: (mode & 0o777) === 0o710, times: mtimeMs === 1000 };
      return kept;
    } finally {
      real.rmSync(place, { recursive: true, force: true });
    }
  });
}

function copyTimes(from: string, to: string): void {
  const { atimeNs, mtimeNs } = real.statSync(from, { bigint: true });
  real.utimesSync(to, Number(atimeNs) / 1e9, Number(mtimeNs) / 1e9);
}

/** True of a file whose copying should not block, and that nothing is in the way of. */
function isLargeNewFile(from: string, to: string, options: Options): boolean {
  const status = statusOf(from, options.dereference);
  return status?.isFile() === true && status.size > SMALL_BYTES && lstat(to) === undefined;
}

/** The path without links, as far as it exists. */
function weaklyCanonical(path: string): string {
  for (let head = path, tail = ''; ; tail = join(basename(head), tail), head = dirname(head)) {
    try {
      return join(real.realpathSync.native(head), tail);
    } catch (error) {
      if (head === dirname(head)) throw error;
    }
  }
}

/** False if the destination is the source or lies in it. */
function isApart(from: string, to: string): boolean {
  const source = weaklyCanonical(resolve(from));
  const target = weaklyCanonical(resolve(to));
  return target !== source && !startsWith(target, source + sep);
}

function isSame(one: BigIntStats | undefined, other: BigIntStats): boolean {
  return one === undefined || (one.ino === other.ino && one.dev === other.dev);
}

function statusOf(path: string, follow = false): ReturnType<typeof real.lstatSync> | undefined {
  try {
    return (follow ? real.statSync : real.lstatSync)(path);
  } catch {
    return undefined;
  }
}

function lstat(path: string): BigIntStats | undefined {
  return inPlace(() => real.lstatSync(path, { bigint: true, throwIfNoEntry: false }));
}

function entriesOf(directory: string): Dirent[] | undefined {
  return plainly(() => readdirSync(directory, { withFileTypes: true }) as Dirent[]);
}

/** Gives the result of `look`; undefined if the file system refuses. */
function plainly<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

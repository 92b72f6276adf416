// Calls that walk a directory or a tree.
import type { Dirent, PathLike } from 'node:fs';
import { builtin } from '../../../runtime/base/builtins.js';
import { isSystemError } from '../../../runtime/base/errors.js';
import { cut, each, push, startsWith } from '../../../runtime/base/primordials.js';
import { type Done, inPool } from '../../kit/thread-pool.js';
import { readdirJoinsBuffers, readdirWalksInSteps } from '../../node-features.js';
import { inPlace, inPoolOnOwn, pathOf, real } from './in-place-or-pool.js';
import { hasLinks, linkOfFd, withPaths } from './link-of-fd.js';
import { statusOf } from './stat-and-flags.js';

/** A directory file of this size holds more entries than are read in a fraction of a millisecond. */
const SMALL_DIRECTORY_BYTES = 64 * 1024;
const MKDIR_STEP = 16;
const { join, relative, sep } = builtin<typeof import('node:path')>('path');

type Options = Readonly<Record<string, unknown>>;

/** `fs.readdirSync` for code that may suspend. */
export function readdirSync(path: PathLike, options?: unknown): unknown {
  const native = (): unknown => real.readdirSync(path, options as null);
  const { recursive, encoding } = optionsOf(options);
  if (recursive && encoding === 'buffer' && !readdirJoinsBuffers) return native();
  const base = pathOf(path);
  if (recursive === true && !readdirWalksInSteps && base !== undefined) return walk(base, optionsOf(options));
  const status = statusOf(path);
  if (!recursive && (status?.isDirectory() !== true || status.size <= SMALL_DIRECTORY_BYTES))
    return inPlace(native);
  if (!recursive && hasLinks()) return readLarge(path, options);
  return inPool(
    'fs.readdirSync',
    (done) => real.readdir(path, options as null, done as Done<unknown>),
    undefined,
    path,
  );
}

/** Reads the directory that `path` names now, in the pool. */
function readLarge(path: PathLike, options: unknown): unknown {
  const { O_RDONLY, O_DIRECTORY } = real.constants;
  const entries = inPoolOnOwn<unknown[]>(
    'readdirSync',
    () => real.openSync(path, O_RDONLY | O_DIRECTORY),
    (fd, done) =>
      real.readdir(linkOfFd(fd), options as null, (error, found) =>
        done(error && withPaths(error, path), found as unknown[]),
      ),
  );
  if (optionsOf(options).withFileTypes) for (const entry of entries as Dirent[]) rename(entry, path);
  return entries;
}

/** Has an entry tell the path that the caller knows its directory by. */
function rename(entry: Dirent, path: PathLike): void {
  for (const key of ['parentPath', 'path'])
    if (Object.hasOwn(entry, key)) Object.assign(entry, { [key]: path });
}

/** As Node 20 does it, entry for entry, with turns of the loop in between. */
function walk(base: string, options: Options): unknown[] {
  const { encoding = null, withFileTypes } = options;
  const found: unknown[] = [];
  const directories = [base];
  for (const directory of each(directories)) {
    const entries = inPlace(() =>
      real.readdirSync(directory, { encoding, withFileTypes: Boolean(withFileTypes) } as object),
    ) as (string | Dirent)[];
    for (const entry of each(entries)) {
      const path = join(directory, typeof entry === 'string' ? entry : entry.name);
      push(found, typeof entry === 'string' ? relative(base, path) : entry);
      const isDirectory = typeof entry === 'string' ? statusOf(path)?.isDirectory() : entry.isDirectory();
      if (isDirectory) push(directories, path);
    }
  }
  return found;
}

/** `fs.mkdirSync` for code that may suspend: a deep path is made in steps. */
export function mkdirSync(path: PathLike, options?: unknown): string | undefined {
  const make = (part: PathLike): string | undefined => real.mkdirSync(part, options as { recursive: true });
  if (typeof path !== 'string' || optionsOf(options).recursive !== true) return inPlace(() => make(path));
  let first: string | undefined;
  for (const part of each(prefixes(path, sep))) {
    try {
      first ??= inPlace(() => make(part));
    } catch (error) {
      if (!isSystemError(error)) throw error;
      break; // The last call says what is wrong, with the whole path.
    }
  }
  const last = inPlace(() => make(path));
  return first ?? last;
}

/** `fs.globSync` for code that may suspend. Node asks `exclude` about every directory: there the loop gets its turn. */
export function globSync(pattern: string | string[], options?: unknown): unknown {
  const { exclude, ...others } = optionsOf(options);
  if ((options !== undefined && typeof options !== 'object') || options === null) {
    return real.globSync(pattern, options as object);
  }
  if (exclude !== undefined && typeof exclude !== 'function') {
    return inPool(
      'fs.globSync',
      (done) => real.glob(pattern, options as object, done as Done<unknown>),
      undefined,
      pattern,
    );
  }
  const turn = (entry: unknown): unknown => inPlace(() => (exclude === undefined ? false : exclude(entry)));
  return inPlace(() => real.globSync(pattern, { ...others, exclude: turn as () => boolean }));
}

function optionsOf(options: unknown): Options {
  return typeof options === 'object' && options !== null ? (options as Options) : {};
}

/**
 * Every so many segments, the path up to there; without the path itself.
 * @param separator - the system's. Windows takes `/`, too, but not in `\\?\…`
 */
export function prefixes(path: string, separator: string): string[] {
  const found: string[] = [];
  const other = separator === '/' || startsWith(path, '\\\\?\\') ? separator : '/';
  const separates = (at: number): boolean => path[at] === separator || path[at] === other;
  let parts = 0;
  for (let end = 1; end < path.length; end++) {
    if (!separates(end) || separates(end - 1)) continue;
    parts++;
    if (parts % MKDIR_STEP === 0) push(found, cut(path, end));
  }
  return found;
}

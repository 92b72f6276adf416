// rmSync and what else removes trees. The tree is emptied here, entry by entry; Node's own function then removes
// what is left, the root at least, so that its result and its errors are what the caller sees. Where anything is
// unusual the emptying stops and Node's function finds it.
import type { Dirent, PathLike } from 'node:fs';
import { builtin } from '../../../runtime/base/builtins.js';
import { codeOf, isSystemError } from '../../../runtime/base/errors.js';
import { each } from '../../../runtime/base/primordials.js';
import { readdirSync } from './directories.js';
import { choosing, fixed } from './fixed-place.js';
import { inPlace, pathOf, real, unbounded } from './in-place-or-pool.js';
import { sleep } from './open.js';

const RETRIED: ReadonlySet<unknown> = new Set(['EBUSY', 'EMFILE', 'ENFILE', 'ENOTEMPTY', 'EPERM']);
const DEFAULT_RETRY_DELAY_MS = 100;
const { sep } = builtin<typeof import('node:path')>('path');
/** A path that nothing can be at: below a file, and on Windows of a name that is not allowed. */
export const nowhereOn = (separator: string): string =>
  separator === '/' ? '/dev/null/nothing' : 'C:\\<nothing>\\nothing';

/** The options of `fs.rmSync` and, before Node 26, of `fs.rmdirSync`. */
interface RemoveOptions {
  readonly recursive?: boolean;
  readonly force?: boolean;
  readonly maxRetries?: number;
  readonly retryDelay?: number;
}

/** `fs.rmSync` for code that may suspend. */
export function rmSync(path: PathLike, options?: RemoveOptions): void {
  remove(real.rmSync, path, options);
}

/** `fs.rmdirSync` for code that may suspend. */
export function rmdirSync(path: PathLike, options?: RemoveOptions): void {
  remove(real.rmdirSync as typeof real.rmSync, path, options);
}

/** `fs.mkdtempDisposableSync` for code that may suspend: what it makes is also removed without blocking. */
export function mkdtempDisposableSync(prefix: string, options?: unknown): { path: string; remove(): void } {
  const made = inPlace(() => real.mkdtempDisposableSync(prefix, options as null));
  const place = real.realpathSync(made.path);
  const removeNatively = made.remove;
  made.remove = unbounded(removeNatively, () => {
    empty(place);
    removeNatively();
  });
  made[Symbol.dispose] = () => made.remove();
  return made;
}

function remove(native: typeof real.rmSync, path: PathLike, options?: RemoveOptions): void {
  if (isRecursive(native, options)) removeTree(native, path, options);
  else inPlace(() => native(path, options));
}

function removeTree(native: typeof real.rmSync, path: PathLike, options: RemoveOptions): void {
  const given = pathOf(path);
  const place = given === undefined ? undefined : fixed(given);
  const choose = choosing();
  const { maxRetries = 0, retryDelay = DEFAULT_RETRY_DELAY_MS } = options;
  for (let tries = 1, isDone = false; !isDone; tries++) {
    if (place !== undefined && isDirectory(place.at)) empty(place.at);
    try {
      inPlace(() => native(place === undefined ? path : choose(place), { ...options, maxRetries: 0 }));
      isDone = true;
    } catch (error) {
      if (tries > maxRetries || !RETRIED.has(codeOf(error))) throw error;
      sleep(tries * retryDelay);
    }
  }
}

/**
 * True if a tree is to be removed and Node accepts the options. It is Node that is asked: nothing may be removed
 * before it has found the options good.
 */
function isRecursive(
  native: typeof real.rmSync,
  options: RemoveOptions | undefined,
): options is RemoveOptions {
  if (typeof options !== 'object' || options === null || options.recursive !== true) return false;
  try {
    native(nowhereOn(sep), options);
    return true;
  } catch (error) {
    return isSystemError(error);
  }
}

function isDirectory(place: string): boolean {
  try {
    return real.lstatSync(place).isDirectory();
  } catch {
    return false;
  }
}

/** Removes what a directory holds; false if something is left. */
function empty(directory: string): boolean {
  const entries = entriesOf(directory);
  if (entries === undefined) return false;
  for (const entry of each(entries)) {
    const place = `${directory}${sep}${entry.name}`;
    const isGone = entry.isDirectory()
      ? empty(place) && works(() => real.rmdirSync(place))
      : works(() => real.unlinkSync(place));
    if (!isGone) return false;
  }
  return true;
}

/** The entries of a directory; undefined if it cannot be read, or is none. */
function entriesOf(directory: string): Dirent[] | undefined {
  try {
    return readdirSync(directory, { withFileTypes: true }) as Dirent[];
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** True if `call` works, or there is nothing left to do. */
function works(call: () => void): boolean {
  try {
    inPlace(call);
    return true;
  } catch (error) {
    return codeOf(error) === 'ENOENT';
  }
}

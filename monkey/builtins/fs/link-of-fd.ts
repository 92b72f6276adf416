// Paths that lead to what a descriptor has open, whatever has become of the path it was opened by.
import type { PathLike } from 'node:fs';
import { pathOf, real } from './in-place-or-pool.js';

const FOLDER = '/proc/self/fd';
let areThere: boolean | undefined;

/** True if the system has such paths. */
export function hasLinks(): boolean {
  areThere ??= real.existsSync(FOLDER);
  return areThere;
}

/** The path by which the system leads to what `fd` has open. */
export function linkOfFd(fd: number): string {
  return `${FOLDER}/${fd}`;
}

/** An error of a call that was given such links, as if it had been given the paths. */
export function withPaths(error: NodeJS.ErrnoException, path: PathLike, dest?: PathLike): Error {
  const told = error as NodeJS.ErrnoException & { dest?: string };
  const replace = (shown: string | undefined, by: PathLike | undefined): string | undefined => {
    const text = by === undefined ? undefined : (pathOf(by) ?? String(by));
    if (shown === undefined || text === undefined) return shown;
    error.message = error.message.replace(`'${shown}'`, () => `'${text}'`);
    return text;
  };
  const [first, second] = [replace(told.path, path), replace(told.dest, dest)];
  if (first !== undefined) told.path = first;
  if (second !== undefined) told.dest = second;
  return error;
}

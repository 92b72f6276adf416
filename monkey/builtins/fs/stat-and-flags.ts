// A look at a path before a call, which decides how the call is carried out.
import type { PathLike, Stats } from 'node:fs';
import { endsWith, exec, hasPart } from '../../../runtime/base/primordials.js';
import { ACCESS_BITS } from '../../../runtime/io/descriptor.js';
import { real } from './in-place-or-pool.js';

/** Status of a path; undefined if Node's own function should say what is wrong with it. */
export function statusOf(path: PathLike): Stats | undefined {
  try {
    return real.statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** The access bits of what `fs.open` takes as `flags`; undefined if Node would refuse it. */
export function accessOf(flags: unknown): number | undefined {
  const { O_RDONLY, O_WRONLY, O_RDWR } = real.constants;
  if (typeof flags === 'number') return flags & ACCESS_BITS;
  if (flags === undefined || flags === null) return O_RDONLY;
  if (typeof flags !== 'string' || exec(/^(rs?|[wa]x?|x[wa]|as|sa|sr)\+?$/, flags) === null) return undefined;
  if (endsWith(flags, '+')) return O_RDWR;
  return hasPart(flags, 'r') ? O_RDONLY : O_WRONLY;
}

/** True if to open a file with these flags empties it. */
export function empties(flags: unknown): boolean {
  return typeof flags === 'number' ? (flags & real.constants.O_TRUNC) !== 0 : flags === 'w' || flags === 'w+';
}

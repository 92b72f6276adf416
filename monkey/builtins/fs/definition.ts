// Which of fs's functions are replaced, and how. What is in none of the lists passes through.
import type NodeFs from 'node:fs';
import type { PathLike } from 'node:fs';
import type { AnyFunction } from '../../../runtime/base/disguise.js';
import { noteClosed, noteCut, noteReplaced } from '../../../runtime/patching/changed-files.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { callingBack } from './callback-forms.js';
import { cpSync } from './copy.js';
import { copyFileSync } from './copy-file.js';
import { readSync, readvSync, writeSync, writevSync } from './descriptor.js';
import { globSync, mkdirSync, readdirSync } from './directories.js';
import { opendir, opendirSync } from './directory.js';
import { bounded, closing, real, unbounded } from './in-place-or-pool.js';
import { openSync } from './open.js';
import { mkdtempDisposableSync, rmdirSync, rmSync } from './remove.js';
import { statusOf } from './stat-and-flags.js';
import { emitting } from './streams-and-watchers.js';
import { appendFileSync, fdatasyncSync, fsyncSync, readFileSync, writeFileSync } from './whole-file.js';

const BOUNDED = `access chmod chown exists fchmod fchown fstat ftruncate futimes lchmod lchown lstat
  lutimes mkdtemp readlink realpath stat statfs symlink unlink utimes openAsBlob`;

const UNBOUNDED = {
  appendFileSync,
  copyFileSync,
  cpSync,
  fdatasyncSync,
  fsyncSync,
  globSync,
  mkdirSync,
  mkdtempDisposableSync,
  opendirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  readvSync,
  rmdirSync,
  rmSync,
  writeFileSync,
  writeSync,
  writevSync,
};

const CALLING_BACK = `access appendFile chmod chown close copyFile cp exists fchmod fchown fdatasync fstat fsync
  ftruncate futimes glob lchmod lchown link lstat lutimes mkdir mkdtemp open read readdir readFile readlink
  readv realpath rename rm rmdir stat statfs symlink truncate unlink utimes write writeFile writev`;

const EMITTING = 'createReadStream createWriteStream watch watchFile';

/** `fs` as aevent replaces it. */
export const definition: MonkeyModule<typeof NodeFs> = defineModule<typeof NodeFs>('fs', {
  implemented: {
    ...each(
      namesIn(BOUNDED).map((name) => `${name}Sync`),
      (original) => bounded(original),
    ),
    ...each(['closeSync'], (original) => closing(original, (args) => noteClosed(args[0]))),
    ...each(['truncateSync'], (original) => bounded(original, (args) => noteCut(args[0]))),
    ...each(['linkSync', 'renameSync'], (original) =>
      bounded(original, (args) => noteReplaced(args[1], () => statusOf(args[1] as PathLike))),
    ),
    ...each(Object.keys(UNBOUNDED), (original, name) =>
      unbounded(original, UNBOUNDED[name as keyof typeof UNBOUNDED] as AnyFunction),
    ),
    ...each(namesIn(CALLING_BACK), callingBack),
    opendir,
    ...each(namesIn(EMITTING), emitting),
  },
});

// realpath has a variant on it.
Object.assign(definition.exports.realpath, { native: callingBack(real.realpath.native) });
Object.assign(definition.exports.realpathSync, { native: bounded(real.realpathSync.native) });

function namesIn(list: string): string[] {
  return list.split(/\s+/);
}

/** Replaces those functions that this Node version has on this platform. */
function each(
  names: readonly string[],
  replace: (original: AnyFunction, name: string) => AnyFunction,
): Record<string, AnyFunction> {
  const functions = real as unknown as Record<string, AnyFunction | undefined>;
  const found = names.flatMap((name) => {
    const original = functions[name];
    return original === undefined ? [] : [[name, replace(original, name)] as const];
  });
  return Object.fromEntries(found);
}

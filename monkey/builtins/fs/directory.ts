// Directories that are read entry by entry: `opendir()`, `opendirSync()`, and what they give.
import type { Dir } from 'node:fs';
import type { AnyFunction } from '../../../runtime/base/disguise.js';
import { adopt, adoptBy } from '../../kit/adopt.js';
import { callingBack as callingBackInTask } from '../../kit/callback-in-task.js';
import { callingBack } from './callback-forms.js';
import { bounded, closing, inPlace, real } from './in-place-or-pool.js';

/** `fs.opendirSync` for code that may suspend. The methods of what it returns give the loop its turns, too. */
export function opendirSync(...args: Parameters<typeof real.opendirSync>): Dir {
  return adopt(inPlace(() => Reflect.apply(real.opendirSync, real, args)));
}

type OpenDir = typeof real.opendir;

/** `fs.opendir`, which gives the same. */
export const opendir: OpenDir = callingBackInTask(callingBack(real.opendir), givingOurs);

function givingOurs(callback: AnyFunction): AnyFunction {
  return ((error: unknown, ...[dir]: unknown[]) =>
    Reflect.apply(callback, undefined, error === null ? [null, adopt(dir)] : [error])) as AnyFunction;
}

function prototypeOver(native: Dir): Dir {
  const method = (value: AnyFunction): PropertyDescriptor => ({ value, writable: true, configurable: true });
  return Object.create(native, {
    readSync: method(bounded(native.readSync)),
    closeSync: method(closing(native.closeSync)),
    read: method(callingBackInTask(native.read as AnyFunction)),
    close: method(callingBackInTask(native.close as AnyFunction)),
  }) as Dir;
}

adoptBy(real.Dir.prototype, prototypeOver(real.Dir.prototype));

// `opendirSync()` and the directories that it gives.
import type { Dir } from 'node:fs';
import type { AnyFunction } from '../../../runtime/base/disguise.js';
import { bounded, closing, inPlace, real } from './in-place-or-pool.js';

/** Stands between a `Dir` opened by a task and `fs.Dir.prototype`, which stays as it is. Made at first use. */
let ours: Dir | undefined;

/** `fs.opendirSync` for code that may suspend. The sync methods of what it returns give the loop its turns, too. */
export function opendirSync(...args: Parameters<typeof real.opendirSync>): Dir {
  const dir = inPlace(() => Reflect.apply(real.opendirSync, real, args));
  ours ??= prototypeOver(Object.getPrototypeOf(dir) as Dir);
  return Object.setPrototypeOf(dir, ours) as Dir;
}

function prototypeOver(native: Dir): Dir {
  const method = (value: AnyFunction): PropertyDescriptor => ({ value, writable: true, configurable: true });
  return Object.create(native, {
    readSync: method(bounded(native.readSync)),
    closeSync: method(closing(native.closeSync)),
  }) as Dir;
}

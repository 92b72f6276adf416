// A call that goes to libuv's pool, or waits, names its file by a number. By the time that a thread looks the number up
// other code may have closed it, and opened another file that got the same one. So such a call works on a descriptor of
// its own, made at the moment of the call.

import { exec } from '../base/primordials.js';
import { core } from '../suspension/native-core.js';
import { infoOfFd } from './descriptor.js';

/** The open file that a call works on. */
export interface HeldDescriptor {
  readonly fd: number;
  /** To be called once, when the work has ended. */
  release(): void;
}

/**
 * Takes hold of the open file that `fd` is now, so that the caller may work on it whatever becomes of the number. It is
 * the number itself if the process has a POSIX record lock there: to close any descriptor of that file would give it up.
 * @returns undefined if there is none to be had (EMFILE), or `fd` is none
 */
export function holdDescriptor(fd: number): HeldDescriptor | undefined {
  if (exec(/^lock:.*\bPOSIX\b/m, infoOfFd(fd) ?? '') !== null) return { fd, release() {} };
  const native = core.binding;
  const held = native?.hold(fd) ?? -1;
  return native === undefined || held < 0 ? undefined : { fd: held, release: () => native.release(held) };
}

/** Runs `use` with a descriptor of the open file that `fd` is now; `use` may suspend. */
export function withHeldDescriptor<T>(fd: number, use: (held: number) => T): T {
  const held = holdDescriptor(fd);
  if (held === undefined) return use(fd);
  try {
    return use(held.fd);
  } finally {
    held.release();
  }
}

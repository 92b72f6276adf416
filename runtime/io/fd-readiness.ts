// Waiting for file descriptors.

import { systemError } from '../base/errors.js';
import { hasPart } from '../base/primordials.js';
import { type NativeBinding, PollEvents } from '../native/binding.js';
import { core } from '../suspension/native-core.js';
import { suspendBlocking } from './stream-descriptors.js';

/**
 * Suspends until `fd` is readable (`r`) or writable (`w`), or broken: the system call that follows tells.
 * Uses no thread of libuv's pool and leaves the descriptor's flags alone. Returns at once for regular files,
 * which are always ready.
 */
export function waitForFd(fd: number, events: 'r' | 'w' | 'rw', what: string): void {
  const mask =
    (hasPart(events, 'r') ? PollEvents.readable : 0) | (hasPart(events, 'w') ? PollEvents.writable : 0);
  suspendBlocking<void>(
    what,
    (wait) => {
      const stop = watchFd(fd, mask, () => wait.resolve());
      if (stop === undefined) wait.resolve();
      return stop;
    },
    fd,
  );
}

/**
 * Calls `ready` once, from the event loop, when `fd` is ready for one of `events` or broken.
 * @param events - of {@link PollEvents}
 * @returns stops the watch; undefined if there is none to wait for: epoll does not know such files, which are always
 *   ready (EPERM), or this is no descriptor (EBADF)
 * @throws Node's system error, as `EMFILE`: a watch takes a descriptor
 */
export function watchFd(fd: number, events: number, ready: () => void): (() => void) | undefined {
  const native = core.binding as NativeBinding;
  const id = native.pollStart(fd, events, ready);
  if (id >= 0) return () => void native.pollStop(id);
  const error = systemError(id, 'poll');
  if (error.code === 'EPERM' || error.code === 'EBADF') return undefined;
  throw error;
}

// Synchronous calls on one file take effect in the order in which they are made: of two that append, the first one's
// bytes come first, and one that reads finds what was written before, all of it. What libuv's pool works on may take a
// while. So what is called meanwhile for the same file waits until that has ended.
import type { Stats } from 'node:fs';
import { each, map, push, shift, sort } from '../base/primordials.js';

/** By file, the calls that begin when the work on it has ended; a key is there while there is any work. */
const queues = new Map<string, (() => void)[]>();

type FileStatus = Pick<Stats, 'dev' | 'ino'>;

const keyOf = ({ dev, ino }: FileStatus): string => `${dev}:${ino}`;

/** True while the pool works on the file, so that even a short call has to wait. */
export function isFileBusy(status: FileStatus | undefined): boolean {
  return queues.size > 0 && status !== undefined && queues.has(keyOf(status));
}

/** True while there is any such file. */
export function someFileIsBusy(): boolean {
  return queues.size > 0;
}

/**
 * Begins work on files when that which was begun earlier has ended: often at once.
 * @param begin - gets what it is to call when the work has ended; must not throw
 */
export function inFileOrder(files: readonly FileStatus[], begin: (ended: () => void) => void): void {
  // Each in the same order, so that no two wait for each other.
  const keys = sort([...new Set(map(files, keyOf))]);
  const next = (at: number): void => {
    const key = keys[at];
    if (key === undefined) {
      begin(() => {
        for (const done of each(keys)) leave(done);
      });
      return;
    }
    const queue = queues.get(key);
    if (queue !== undefined) push(queue, () => next(at + 1));
    else {
      queues.set(key, []);
      next(at + 1);
    }
  };
  next(0);
}

function leave(key: string): void {
  const queue = queues.get(key);
  const waiting = queue && shift(queue);
  if (waiting === undefined) queues.delete(key);
  else waiting();
}

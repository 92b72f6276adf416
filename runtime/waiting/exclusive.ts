import { indexOf, push, shift, splice } from '../base/primordials.js';
import { suspendBlocking } from '../io/stream-descriptors.js';
import { requireStackToGive } from '../suspension/stack-room.js';
import type { Waiter } from '../suspension/suspension.js';

/** Who waits for a turn, by what for. A key is there while somebody has the turn. */
const queues = new Map<string, Waiter<void>[]>();

/**
 * Runs `use` when nobody else uses the same thing, first come first served. As sync calls do: the bytes of two
 * writes never mix, and of two readers one reads.
 * @param what - names the wait in the task dump
 */
export function inTurn<T>(key: string, what: string, use: () => T): T {
  requireStackToGive();
  const queue = queues.get(key);
  if (queue === undefined) queues.set(key, []);
  else {
    suspendBlocking<void>(what, (wait) => {
      push(queue, wait);
      return () => void splice(queue, indexOf(queue, wait), 1);
    });
  }
  try {
    return use();
  } finally {
    const queued = queues.get(key);
    const next = queued && shift(queued);
    if (next === undefined) queues.delete(key);
    else next.resolve();
  }
}

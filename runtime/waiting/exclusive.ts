// Turns: one task at a time uses a thing, as a synchronous call does in plain Node. The bytes of two writes never mix, and of
// two readers one reads.
import { asIfBlocking } from '../io/stream-descriptors.js';
import { requireStackToGive } from '../suspension/stack-room.js';
import { WaitList } from './wait-list.js';

/** The tasks that wait for their turn, by the thing. A key is there while a task has its turn. */
const queues = new Map<string, WaitList<void>>();

/**
 * Runs `use` when no other task uses the same thing, first come, first served.
 * @param key - names the thing
 * @param what - names the wait in the task dump
 */
export function inTurn<T>(key: string, what: string, use: () => T): T {
  requireStackToGive();
  const queue = queues.get(key);
  if (queue === undefined) queues.set(key, new WaitList());
  else asIfBlocking(() => queue.wait(what, Number.POSITIVE_INFINITY, undefined));
  try {
    return use();
  } finally {
    const next = queues.get(key)?.take();
    if (next === undefined) queues.delete(key);
    else next.wake();
  }
}

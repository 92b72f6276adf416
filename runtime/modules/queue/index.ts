/**
 * `aevent/queue`: CPython's `queue` for tasks and async code, in camelCase. Time-outs are in milliseconds.
 * @see https://docs.python.org/3/library/queue.html
 */
export { Empty, Full, ShutDown } from './errors.js';
export { LifoQueue, PriorityQueue, Queue } from './queue.js';
export { SimpleQueue } from './simple-queue.js';
export type { Compare, Store } from './stores.js';

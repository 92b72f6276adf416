/** Calls of tasks that are in libuv's thread pool, or wait for one of its threads. */
export const poolState: { calls: number } = { calls: 0 };

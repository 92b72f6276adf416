// Tells the kinds of threads apart.
import { builtin } from './builtins.js';

const process = builtin<typeof import('node:process')>('process');

/** `worker_threads`, which in the main thread is loaded by programs only: not before it is needed. */
export const workerThreads = (): typeof import('node:worker_threads') =>
  builtin<typeof import('node:worker_threads')>('worker_threads');

/** True in a Worker, and in the thread of import hooks. */
export const isWorker = (): boolean => 'disabled' in process.abort;

/** True in the thread of import hooks: Node evaluates preloaded modules there, too, and no program runs there. */
export function isHooksThread(): boolean {
  // Workers of the program's have a port. (`isInternalThread` says the same, on Node 24.)
  return isWorker() && workerThreads().parentPort === null;
}

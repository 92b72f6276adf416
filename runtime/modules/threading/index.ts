/**
 * `aevent/threading`: CPython's `threading` for tasks and async code, in camelCase. Time-outs are in milliseconds.
 * @see https://docs.python.org/3/library/threading.html
 */
export { Barrier, BrokenBarrierError } from './barrier.js';
export { Condition } from './condition.js';
export { Event } from './event.js';
export { Local } from './local.js';
export { Lock, RLock } from './lock.js';
export { BoundedSemaphore, Semaphore } from './semaphore.js';
export {
  activeCount,
  currentThread,
  type ExceptHook,
  type ExceptHookArgs,
  enumerate,
  excepthook,
  getIdent,
  mainThread,
  setExcepthook,
  Thread,
  type ThreadOptions,
} from './thread.js';
export { Timer } from './timer.js';

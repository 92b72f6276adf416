// A module that is loaded in a thread, and used as if it were local.
import { checkThreadOptions, type ThreadOptions } from '../backend/in-thread-options.js';
import { ModuleThreads } from './module-threads.js';
import { locate } from './specifier.js';

/** Options of {@link inThread}. */
export interface InThreadOptions extends ThreadOptions {
  /** The path or URL of the file that names the module. Default: the one that calls `inThread()`. */
  from?: string | URL;
}

const optionNames = ['from', 'threads', 'threadPerInstance', 'inlineMs', 'resourceLimits'];

/**
 * Loads a module in a thread and gives what it exports: functions, classes and their instances are used as if they were
 * local. Each call suspends the task that makes it; where nothing can be suspended it blocks. Functions that are given to it are
 * called here, in the task that made the call, and may suspend. A transaction has its connection for itself.
 * @param specifier - as for `import`, or a file: URL
 * @throws {@link AeventError} `AEVENT_NO_MODULE`; what the module throws when it is loaded; TypeError
 *   `AEVENT_UNKNOWN_OPTION`, `AEVENT_INVALID_OPTIONS`. Calls throw `AEVENT_THREAD_ENDED` once the thread has died
 */
export function inThread<T = never>(specifier: string | URL, options: InThreadOptions = {}): T {
  checkThreadOptions('inThread()', options, optionNames);
  const located = locate('inThread()', specifier, options.from);
  return new ModuleThreads(located.specifier, located, options).exports as T;
}

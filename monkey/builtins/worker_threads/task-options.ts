// Checks the options of a Worker that is to be a task.
import type { Transferable, WorkerOptions } from 'node:worker_threads';
import { builtin } from '../../../runtime/base/builtins.js';
import { describe } from '../../../runtime/base/describe.js';
import { invalidArgument } from '../../../runtime/base/errors.js';

const { SHARE_ENV } = builtin<typeof import('node:worker_threads')>('worker_threads');

declare module 'node:worker_threads' {
  export var receiveMessageSync: typeof import('./receive-message-sync.js').receiveMessageSync;
  interface WorkerOptions {
    /**
     * Runs the file as a task in this thread, with its own instances of its modules: it starts in a fraction of the time,
     * and shares the globals, the memory and the CPU with the rest of the program. Default: false.
     */
    task?: boolean | undefined;
  }
}

/** The {@link WorkerOptions} that a thread which is a task can take. */
export interface TaskOptions {
  readonly eval: boolean;
  readonly workerData: unknown;
  readonly transferList: Transferable[];
  readonly argv: readonly unknown[] | undefined;
  /** Undefined: the program's own. */
  readonly env: NodeJS.ProcessEnv | undefined;
  readonly name: string;
}

/** Options about what only a thread has. */
const OF_THREADS = ['stdin', 'stdout', 'stderr', 'execArgv', 'resourceLimits'] as const;

/**
 * Takes the options of a Worker that is to be a task.
 * @throws TypeError `AEVENT_INVALID_OPTIONS` for those that it could not honour
 */
export function taskOptions(options: WorkerOptions): TaskOptions {
  for (const name of OF_THREADS) {
    if (options[name]) {
      throw invalidArgument(
        'AEVENT_INVALID_OPTIONS',
        `new Worker(file, { task: true, ${name} }): a task has no ${name} of its own. Leave one of the two out.`,
      );
    }
  }
  const { argv, env } = options;
  if (argv !== undefined && !Array.isArray(argv)) {
    throw invalidArgument('AEVENT_INVALID_OPTIONS', `new Worker(): argv is an array, not ${describe(argv)}.`);
  }
  return {
    eval: options.eval === true,
    workerData: options.workerData,
    transferList: [...(options.transferList ?? [])],
    argv,
    env: typeof env === 'object' && env !== null ? stringsOf(env) : undefined,
    name: options.name ?? 'WorkerThread',
  };
}

/** True for the options of a Worker that is to be a task. */
export function isTask(options: unknown): options is WorkerOptions {
  return typeof options === 'object' && options !== null && (options as WorkerOptions).task === true;
}

function stringsOf(env: NodeJS.Dict<string> | typeof SHARE_ENV): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).map(([key, value]) => [key, String(value)]));
}

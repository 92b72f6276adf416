/**
 * Opens aevent's door in a Worker of source text (monkey/builtins/worker_threads/source-worker.ts), which Node has preload
 * source-worker.cjs. That option is seen by neither the Worker's program nor what it starts.
 */
import { KEY, type Start } from '../monkey/builtins/worker_threads/source-start.js';
import { builtin } from '../runtime/base/builtins.js';
import { open } from '../runtime/base/instance.js';

const { getEnvironmentData, setEnvironmentData } =
  builtin<typeof import('node:worker_threads')>('worker_threads');

const start = getEnvironmentData(KEY) as unknown as Start | undefined;
setEnvironmentData(KEY, undefined as never);
const { execArgv } = process;
const at = execArgv.findIndex((option) => /[\\/]loader[\\/]source-worker\.cjs$/.test(option));
if (start !== undefined) execArgv.splice(0, execArgv.length, ...start.execArgv);
else if (at > 0) execArgv.splice(at - 1, 2);
open(start?.door ?? './register', import.meta.url);

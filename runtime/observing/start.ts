// What AEVENT_DEBUG has a process show of itself: tasks at a signal, tasks to `aevent tasks <pid>`. Loaded only where it is
// asked for.
import { builtin, ofProcess } from '../base/builtins.js';
import { features } from '../base/features.js';
import { debugOptions } from '../tooling/debug.js';
import { outside } from './outside.js';
import { formatThreads } from './print.js';
import { serveTasks, warn } from './serve.js';
import { joinThreads, tasksOfThreads } from './threads.js';

const { isMainThread } = builtin<typeof import('node:worker_threads')>('worker_threads');
const process = builtin<typeof import('node:process')>('process');

/** Begins to show what `AEVENT_DEBUG` asks for; once a thread. */
export function startObserving(): void {
  const { inspect, tasks } = debugOptions();
  joinThreads();
  if (!isMainThread) return;
  if (tasks !== undefined) outside(() => ofProcess.on(tasks, () => outside(print)));
  if (!inspect) return;
  const failure = serveTasks();
  features.inspect = failure === '' ? 'on' : `off: ${failure}`;
  if (failure !== '') warn(failure);
}

function print(): void {
  const { stderr } = process;
  tasksOfThreads(true, (found) => stderr.write(formatThreads(found, stderr)));
}

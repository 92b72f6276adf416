// All that the environment has a process show of itself: AEVENT_TRACE, AEVENT_REPORT, and what AEVENT_DEBUG lists. Loaded only
// where something is asked for, by loader/install.ts.
import { startRecording } from '../backend/tools.js';
import { builtin, ofProcess } from '../base/builtins.js';
import { features } from '../base/features.js';
import { debugOptions } from '../tooling/debug.js';
import { outside } from './outside.js';
import { formatThreads } from './print.js';
import { serveTasks, warn } from './serve.js';
import { joinThreads, tasksOfThreads } from './threads.js';

const { isMainThread } = builtin<typeof import('node:worker_threads')>('worker_threads');
const process = builtin<typeof import('node:process')>('process');

let started = false;

/**
 * Begins to show what the environment asks for; once a thread.
 * @throws TypeError for a value that it does not know; {@link AeventError} `AEVENT_TRACE_FILE`
 */
export function startTools(): void {
  if (started) return;
  started = true;
  startRecording();
  const { inspect, tasks } = debugOptions();
  if (!inspect && tasks === undefined) return;
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

// The tasks of all threads. Each Worker that has aevent says so on a channel, and answers there when the main thread asks.
import { builtin, globals, ofProcess } from '../base/builtins.js';
import { outside } from './outside.js';
import { type Tasks, tasks } from './tree.js';

const { BroadcastChannel, isMainThread, threadId } =
  builtin<typeof import('node:worker_threads')>('worker_threads');
const { pid } = builtin<typeof import('node:process')>('process');

/** How long a Worker has to answer, in milliseconds: one whose loop is kept cannot. */
const PATIENCE_MS = 1000;

type Message =
  | { readonly is: 'here' | 'gone'; readonly thread: number }
  | { readonly is: 'asked'; readonly number: number; readonly stacks: boolean }
  | { readonly is: 'told'; readonly number: number; readonly thread: number; readonly tasks: Tasks };

/** Tasks of a Worker, or of one that has not answered. */
export type ThreadTasks = Tasks | { readonly pid: number; readonly threadId: number; readonly silent: true };

let channel: InstanceType<typeof BroadcastChannel> | undefined;
const workers = new Set<number>();
const answers = new Map<number, (thread: number, found: Tasks) => void>();
let lastQuestion = 0;

/** Has this thread answer, or the main thread ask. Called once a thread. */
export function joinThreads(): void {
  outside(() => {
    channel = new BroadcastChannel('aevent.tasks');
    channel.unref();
    channel.onmessage = ({ data }) => outside(() => (isMainThread ? hear : answer)(data as Message));
    if (isMainThread) return;
    channel.postMessage({ is: 'here', thread: threadId } satisfies Message);
    ofProcess.once('exit', () => channel?.postMessage({ is: 'gone', thread: threadId } satisfies Message));
  });
}

function answer(message: Message): void {
  if (message.is !== 'asked') return;
  const { number, stacks } = message;
  channel?.postMessage({ is: 'told', number, thread: threadId, tasks: tasks({ stacks }) } satisfies Message);
}

function hear(message: Message): void {
  if (message.is === 'here') workers.add(message.thread);
  else if (message.is === 'gone') workers.delete(message.thread);
  else if (message.is === 'told') {
    // It may have been taken for one that has ended.
    workers.add(message.thread);
    answers.get(message.number)?.(message.thread, message.tasks);
  }
}

/** Calls `told` with the tasks of this thread, then those of each Worker: at once where there is none. */
export function tasksOfThreads(stacks: boolean, told: (found: readonly ThreadTasks[]) => void): void {
  const found: ThreadTasks[] = [tasks({ stacks })];
  const missing = new Set(workers);
  if (missing.size === 0) {
    told(found);
    return;
  }
  const number = ++lastQuestion;
  const end = (): void => {
    answers.delete(number);
    globals.clearTimeout(timer);
    // Also one that was terminated, and could not say so.
    for (const thread of missing) {
      found.push({ pid, threadId: thread, silent: true });
      workers.delete(thread);
    }
    told(found);
  };
  const timer = globals.setTimeout(() => outside(end), PATIENCE_MS);
  answers.set(number, (thread, its) => {
    found.push(its);
    missing.delete(thread);
    if (missing.size === 0) end();
  });
  channel?.postMessage({ is: 'asked', number, stacks } satisfies Message);
}

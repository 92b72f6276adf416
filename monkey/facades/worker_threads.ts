import { load } from '../facade.js';

type WorkerThreads = typeof import('node:worker_threads');
type Replaced = WorkerThreads &
  Pick<typeof import('../builtins/worker_threads/receive-message-sync.js'), 'receiveMessageSync'>;

const workerThreads: Replaced = load<Replaced>('worker_threads').exports;

export * from 'node:worker_threads';
export const Worker: WorkerThreads['Worker'] = workerThreads.Worker;
export const receiveMessageSync: Replaced['receiveMessageSync'] = workerThreads.receiveMessageSync;
// A thread that is a task has an instance of this file of its own, see task-thread.ts.
export const isMainThread: WorkerThreads['isMainThread'] = workerThreads.isMainThread;
export const parentPort: WorkerThreads['parentPort'] = workerThreads.parentPort;
export const resourceLimits: WorkerThreads['resourceLimits'] = workerThreads.resourceLimits;
export const threadId: WorkerThreads['threadId'] = workerThreads.threadId;
export const workerData: WorkerThreads['workerData'] = workerThreads.workerData;
export default workerThreads;

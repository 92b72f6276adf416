// The public API. What a program imports as 'aevent' is loader/index.ts, which adds the loader to this.

import { setup } from './backend/setup.js';
import { onBackendStart } from './backend/setup-listeners.js';
import { cancelShieldedCheckpoint, checkpoint, checkpointIfCancelled } from './cancellation/checkpoint.js';
import {
  currentEffectiveDeadline,
  currentTime,
  failAfter,
  failAt,
  moveOnAfter,
  moveOnAt,
} from './cancellation/deadline.js';
import { fetchSync } from './io/fetch-sync.js';
import { doctor } from './observing/doctor.js';
import { metrics } from './observing/metrics.js';
import { addToNodeReports } from './observing/node-report.js';
import { printParkedAtExit } from './observing/parked.js';
import { printTasks } from './observing/print.js';
import { section } from './observing/report-section.js';
import { tasks } from './observing/tree.js';
import { native, patched } from './patching/native-and-patched.js';
import { orig, patch, replacement, select } from './patching/patch.js';
import { preemptible } from './preemption/preemptible.js';
import { hasPortal } from './suspension/portal.js';
import { asyncContext, asyncIter, autoawait, await_, call, wrap } from './tasks/bridge.js';
import { createTaskGroup, taskGroup } from './tasks/in-task-group.js';
import { info } from './tasks/info.js';
import { perTask, run, runner, spawn } from './tasks/runner.js';
import { inThread } from './threads/in-thread.js';
import { toThread } from './threads/to-thread.js';
import { startTrace, stopTrace } from './tooling/timeline.js';

export type { BackendName } from './backend/backend.js';
export { type SetupOptions, setup } from './backend/setup.js';
export {
  AeventError,
  BusyResourceError,
  Cancelled,
  IncompleteReadError,
  NoPortalError,
  TooSlowError,
} from './base/errors.js';
export { CancelScope, type CancelScopeOptions } from './cancellation/cancel-scope.js';
export { cancelShieldedCheckpoint, checkpoint, checkpointIfCancelled } from './cancellation/checkpoint.js';
export {
  currentEffectiveDeadline,
  currentTime,
  type DeadlineOptions,
  failAfter,
  failAt,
  moveOnAfter,
  moveOnAt,
} from './cancellation/deadline.js';
export { fetchSync, type SyncBody } from './io/fetch-sync.js';
export type { Deadlock } from './observing/deadlocks.js';
export { doctor, type Finding } from './observing/doctor.js';
export { type Metrics, metrics } from './observing/metrics.js';
export { printTasks, type TextStream } from './observing/print.js';
export {
  type ScopeNode,
  type TaskNode,
  type TaskState,
  type Tasks,
  type TasksOptions,
  type TreeNode,
  tasks,
  type WaitNode,
} from './observing/tree.js';
export type { Policy } from './patching/cheap-calls.js';
export { native, patched } from './patching/native-and-patched.js';
export { orig, type Patched, type PatchOptions, patch, replacement, select } from './patching/patch.js';
export { type PreemptibleOptions, preemptible } from './preemption/preemptible.js';
export { hasPortal } from './suspension/portal.js';
export {
  asyncContext,
  asyncIter,
  autoawait,
  await_,
  await_ as await,
  call,
  type SyncContext,
  wrap,
} from './tasks/bridge.js';
export { createTaskGroup, taskGroup } from './tasks/in-task-group.js';
export { type Info, info } from './tasks/info.js';
export { perTask, run, runner, spawn } from './tasks/runner.js';
export { type Started, TaskGroup } from './tasks/task-group.js';
export { TaskHandle, type TaskStatus } from './tasks/task-handle.js';
export { CapacityLimiter, type CapacityLimiterStatistics } from './threads/capacity-limiter.js';
export { type InThreadOptions, inThread } from './threads/in-thread.js';
export { defaultThreadLimiter, type ToThreadOptions, toThread } from './threads/to-thread.js';
export type { Blocking, BlockingMessage, BlockingPlace } from './tooling/blocking.js';
export type { SliceMessage, TaskMessage, TaskName, WaitMessage } from './tooling/channels.js';
export { startTrace, stopTrace, type TraceOptions } from './tooling/timeline.js';

printParkedAtExit();
onBackendStart(() => addToNodeReports(section));

/** Everything under one name: `aevent.run(…)`, `aevent.await(…)`. */
interface Aevent {
  readonly setup: typeof setup;
  readonly run: typeof run;
  readonly runner: typeof runner;
  readonly perTask: typeof perTask;
  readonly call: typeof call;
  readonly wrap: typeof wrap;
  readonly await_: typeof await_;
  readonly await: typeof await_;
  readonly autoawait: typeof autoawait;
  readonly asyncContext: typeof asyncContext;
  readonly asyncIter: typeof asyncIter;
  readonly hasPortal: typeof hasPortal;
  readonly native: typeof native;
  readonly patched: typeof patched;
  readonly patch: typeof patch;
  readonly preemptible: typeof preemptible;
  readonly createTaskGroup: typeof createTaskGroup;
  readonly spawn: typeof spawn;
  readonly taskGroup: typeof taskGroup;
  readonly toThread: typeof toThread;
  readonly inThread: typeof inThread;
  readonly moveOnAfter: typeof moveOnAfter;
  readonly moveOnAt: typeof moveOnAt;
  readonly failAfter: typeof failAfter;
  readonly failAt: typeof failAt;
  readonly currentEffectiveDeadline: typeof currentEffectiveDeadline;
  readonly currentTime: typeof currentTime;
  readonly checkpoint: typeof checkpoint;
  readonly checkpointIfCancelled: typeof checkpointIfCancelled;
  readonly cancelShieldedCheckpoint: typeof cancelShieldedCheckpoint;
  readonly fetchSync: typeof fetchSync;
  readonly info: typeof info;
  readonly startTrace: typeof startTrace;
  readonly stopTrace: typeof stopTrace;
  readonly tasks: typeof tasks;
  readonly printTasks: typeof printTasks;
  readonly metrics: typeof metrics;
  readonly doctor: typeof doctor;
  readonly orig: typeof orig;
  readonly replacement: typeof replacement;
  readonly select: typeof select;
}

/** The functions of this module under one name: `aevent.run(…)`, `aevent.await(…)`. */
const aevent: Aevent = {
  setup,
  run,
  runner,
  perTask,
  call,
  wrap,
  await_,
  await: await_,
  autoawait,
  asyncContext,
  asyncIter,
  hasPortal,
  native,
  patched,
  patch,
  preemptible,
  createTaskGroup,
  spawn,
  taskGroup,
  toThread,
  inThread,
  moveOnAfter,
  moveOnAt,
  failAfter,
  failAt,
  currentEffectiveDeadline,
  currentTime,
  checkpoint,
  checkpointIfCancelled,
  cancelShieldedCheckpoint,
  fetchSync,
  info,
  startTrace,
  stopTrace,
  tasks,
  printTasks,
  metrics,
  doctor,
  orig,
  replacement,
  select,
};

export default aevent;

/**
 * `aevent/lowlevel`: what authors of replacements need, and tests of them: suspending on anything that calls back, entering a
 * callback as a task, and looking at what is suspended. Programs want `aevent` itself.
 * @see trio `trio.lowlevel`
 */
import { currentContext } from '../suspension/context.js';
import { parkedWaits } from '../suspension/suspension.js';

export { startTimer } from '../base/clock.js';
export { inTask } from '../suspension/in-task.js';
export { withoutSuspension } from '../suspension/portal.js';
export { suspend, type Waiter, yieldToLoop } from '../suspension/suspension.js';

/** A task, as others see it. */
export interface TaskInfo {
  /** Counts the tasks of this thread, from 1. */
  readonly id: number;
  /** The name of the task's function, and its id: `main#1`. */
  readonly name: string;
}

/** A call that is suspended now. */
export interface SuspendedCall {
  /** The first argument of {@link suspend}, e.g. `Lock.acquire`. */
  readonly what: string;
  /** Undefined in code that opted in by `perTask()` outside of tasks. */
  readonly task: TaskInfo | undefined;
  /** Its stack, a line a frame, as V8 prints it. */
  readonly stack: string;
}

/** Tells which task runs; undefined outside of tasks. Not a checkpoint. */
export function currentTask(): TaskInfo | undefined {
  const task = currentContext()?.task;
  return task && { id: task.id, name: task.name };
}

/** All calls that are suspended now, in this thread. Takes some microseconds each. Not a checkpoint. */
export function suspendedCalls(): SuspendedCall[] {
  return parkedWaits().map(({ wait, stack }) => {
    const { task } = wait.context;
    return { what: wait.what, task: task && { id: task.id, name: task.name }, stack };
  });
}

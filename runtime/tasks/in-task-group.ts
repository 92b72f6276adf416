// `createTaskGroup()` and `taskGroup()`: the two ways into a task group.
import { requireFunction } from '../base/errors.js';
import { resolved, whenSettled } from '../base/primordials.js';
import { isThenable } from '../base/thenable.js';
import { currentScope, noError } from '../cancellation/cancel-scope.js';
import { contextWithin, runOnStack } from '../suspension/context.js';
import { requireStack } from '../suspension/stack-room.js';
import { TaskGroup } from './task-group.js';

/**
 * Makes a task group for the current context, in sync and async code alike:
 * `await using tg = aevent.createTaskGroup()`, in a task also `using tg = …`. Not a checkpoint.
 * @see anyio `create_task_group`
 */
export function createTaskGroup(): TaskGroup {
  return new TaskGroup();
}

/**
 * Runs `body(group)`, synchronous or async, inside a task group, and leaves that: by a wait (a checkpoint) after a
 * synchronous body, which therefore needs a task, else by the promise. What the body throws cancels the tasks.
 * @returns what `body` gives; undefined if it was interrupted because the group's scope was cancelled
 * @throws what `body` throws; AggregateError if tasks failed; {@link NoPortalError} for a synchronous body outside of tasks
 * @see trio `open_nursery`; anyio `create_task_group`
 */
export function taskGroup<T>(body: (tasks: TaskGroup) => PromiseLike<T>): Promise<T>;
export function taskGroup<T>(body: (tasks: TaskGroup) => T): T;
export function taskGroup<T>(body: (tasks: TaskGroup) => T | PromiseLike<T>): T | Promise<T> {
  requireFunction('taskGroup()', body);
  requireStack();
  const tasks = new TaskGroup();
  let value: T | PromiseLike<T>;
  let isPromised: boolean;
  try {
    value = runOnStack(contextWithin(tasks.cancelScope), () => body(tasks));
    isPromised = isThenable(value);
  } catch (error) {
    tasks.leave(error);
    return undefined as T;
  }
  if (!isPromised) {
    tasks.leave(noError);
    currentScope()?.throwIfCancelled();
    return value as T;
  }
  return whenSettled(
    resolved(value as T | PromiseLike<T>),
    async (result) => {
      await tasks.leaveAsync(noError);
      return result;
    },
    (error) => tasks.leaveAsync(error) as Promise<T>,
  );
}

import { type Context, currentContext } from '../../suspension/context.js';
import type { Task } from '../../tasks/task.js';

/** Stands for all code that belongs to no task: the main thread. */
export const noTask: { readonly name: string } = { name: 'MainThread' };

/**
 * Whose the running code is: who owns an RLock, has a Local's properties, is the current thread. A callback that is
 * entered by itself, and what opted in outside of tasks, is somebody of its own, which its context stands for.
 */
export type Owner = Task | Context | typeof noTask;

/** Not a checkpoint. */
export function currentOwner(): Owner {
  const context = currentContext();
  return context?.entry ?? context?.task ?? noTask;
}

import { currentContext } from '../context.js';
import type { Task } from '../task.js';

/** Stands for all code that belongs to no task: the main thread. */
export const noTask: { readonly name: string } = { name: 'MainThread' };

/** Whose the running code is: who owns an RLock, has a Local's properties, is the current thread. */
export type Owner = Task | typeof noTask;

/** Not a checkpoint. */
export function currentOwner(): Owner {
  return currentContext()?.task ?? noTask;
}

// The owner of a lock: a task, a callback, or the code that belongs to neither.
import { shown } from '../../base/describe.js';
import { Context, currentContext } from '../../suspension/context.js';
import type { Told } from '../../suspension/subject.js';
import { Task } from '../../tasks/task.js';

/** Stands for all code that belongs to no task: the main thread. */
export const noTask: { readonly name: string } = { name: 'MainThread' };

/**
 * The owner that the running code belongs to: it owns an RLock, has a Local's properties, is the current thread. A callback that is
 * entered by itself, and what opted in outside of tasks, is an owner of its own, which its context stands for.
 */
export type Owner = Task | Context | typeof noTask;

/** Not a checkpoint. */
export function currentOwner(): Owner {
  const context = currentContext();
  return context?.entry ?? context?.task ?? noTask;
}

/** An owner as those who look at tasks see it. */
export function nameOfOwner(owner: Owner): string {
  if (!(owner instanceof Context)) return shown(owner.name);
  return owner.task === undefined ? 'a callback' : `a callback of ${shown(owner.task.name)}`;
}

/** The subject of a wait for a lock that `owner` has. */
export function heldBy(owner: Owner | undefined): Told {
  if (owner === undefined) return { text: '' };
  const ended = owner instanceof Task && !Task.live.has(owner) ? ', which has ended' : '';
  return { text: `held by ${nameOfOwner(owner)}${ended}`, needs: { all: [owner] } };
}

/** The state of a lock in a line. */
export function stateOf(isLocked: boolean, owner: Owner | undefined, waiting: number, times = ''): string {
  if (!isLocked) return 'free';
  return `held${owner === undefined ? '' : ` by ${nameOfOwner(owner)}`}${times}, ${waiting} waiting`;
}

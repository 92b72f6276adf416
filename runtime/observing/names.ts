// Names of tasks, callbacks and the program, as everything here prints them.
import { shown } from '../base/describe.js';
import { part } from '../base/primordials.js';
import type { Context } from '../suspension/context.js';

/** Names are cut here: the function that a task runs may be called anything. */
const MOST_OF_NAME = 1000;

/** A name of the program's, not longer than is sensible. */
export function nameCut(name: string): string {
  return name.length > MOST_OF_NAME ? `${part(name, 0, MOST_OF_NAME)}…` : name;
}

/** The work that a context belongs to, if that is no task itself. */
export function nameOfCallback({ entry, task }: Context): string {
  if (task !== undefined) return `a callback of ${nameCut(task.name)}`;
  return entry === undefined ? 'the program' : 'a callback';
}

/** The work that a context belongs to, in a line. */
export function nameOfWork(context: Context): string {
  const { entry, task } = context;
  return shown(entry === undefined && task !== undefined ? task.name : nameOfCallback(context));
}

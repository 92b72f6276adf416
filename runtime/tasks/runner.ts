// Runners: the task groups that the tasks of a program belong to.
import { startBackend } from '../backend/backend.js';
import { nameOf } from '../base/describe.js';
import { AeventError, requireFunction } from '../base/errors.js';
import { resolved, whenSettled } from '../base/primordials.js';
import { CancelScope, currentScope, noError } from '../cancellation/cancel-scope.js';
import { Context, currentContext } from '../suspension/context.js';
import { requireStack } from '../suspension/stack-room.js';
import { continueOnCarrier } from '../suspension/start-on-carrier.js';
import { enterContextHere } from '../suspension/suspension.js';
import { named, Task } from './task.js';
import { TaskGroup } from './task-group.js';

/** The runners, by their scopes: which one is the nearest is found by going outwards. */
const runners = new WeakMap<CancelScope, TaskGroup>();

/** @internal Makes a task group the runner of everything inside it. */
export function asRunner(tasks: TaskGroup): TaskGroup {
  runners.set(tasks.cancelScope, tasks);
  return tasks;
}

/** @internal Whether a task group is one. */
export function isRunner(tasks: TaskGroup): boolean {
  return runners.get(tasks.cancelScope) === tasks;
}

/**
 * The nearest runner around the running code: tasks that no code waits for, such as threads, belong to it.
 * @param what - for the error, e.g. `Thread.start()`
 * @throws {@link AeventError} `AEVENT_NO_RUNNER` if there is none that is still open
 */
export function currentRunner(what: string): TaskGroup {
  for (let scope = currentScope(); scope !== undefined; scope = scope.parent) {
    const tasks = runners.get(scope);
    if (tasks !== undefined && !tasks.closed) return tasks;
  }
  throw new AeventError(
    'AEVENT_NO_RUNNER',
    `${what} was called outside of a runner, so no code would wait for the task or hear of its errors. Run the program ` +
      'with aevent.run(), open a runner with aevent.runner(), or start the task in a task group of your own.',
  );
}

/**
 * Starts `fn(...args)` as a task of the nearest runner, which waits for it. Not a checkpoint.
 * @returns the scope that cancels just this task
 * @throws {@link AeventError} `AEVENT_NO_RUNNER` outside of `run()` and `runner()`
 * @see Python aevent `spawn`
 */
export function spawn<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): CancelScope {
  return currentRunner(`spawn(${nameOf(fn)})`).spawn(fn, ...args);
}

/**
 * Runs `fn(...args)` as the main task of a runner.
 * @returns what `fn` gives, once it and every task that it left running in the runner have ended
 * @throws what `fn` throws; AggregateError if other tasks of the runner failed
 * @see trio `run`; anyio `run`
 */
export function run<A extends unknown[], T>(fn: (...args: A) => T | PromiseLike<T>, ...args: A): Promise<T> {
  try {
    requireFunction('run()', fn);
  } catch (error) {
    return Promise.reject(error);
  }
  return runner(named(() => Reflect.apply(fn, undefined, args), fn));
}

/**
 * Opens a runner: a task group for a whole piece of work, which may be nested. Daemons are cancelled when it is left.
 * With `body` it runs that as its main task and settles when all is done; without, use
 * `await using tg = await aevent.runner()`: from there on the calling async context is opted in.
 */
export function runner<T>(body: (tasks: TaskGroup) => T | PromiseLike<T>): Promise<T>;
export function runner(): Promise<TaskGroup>;
export async function runner<T>(body?: (tasks: TaskGroup) => T | PromiseLike<T>): Promise<T | TaskGroup> {
  if (body !== undefined) requireFunction('runner()', body);
  startBackend();
  requireStack();
  const tasks = asRunner(new TaskGroup());
  if (body === undefined) {
    const before = currentContext();
    optIn(before, tasks.cancelScope, (inside) => tasks.enter(inside, before));
    return tasks;
  }
  let value: T | undefined;
  let failure: unknown = noError;
  try {
    value = await Task.start(CancelScope.within(tasks.cancelScope), 'patched', body, [tasks]);
  } catch (error) {
    failure = error;
  }
  await tasks.leaveAsync(failure);
  return value as T;
}

/**
 * Opts the calling async context in: after `await aevent.perTask()` every synchronous call that it makes, also after
 * later awaits, suspends instead of blocking.
 * @see Python aevent `per_task`
 */
export function perTask(): Promise<void> {
  startBackend();
  requireStack();
  const context = currentContext();
  optIn(context, currentScope() ?? CancelScope.within(undefined), enterContextHere);
  return continueOnCarrier();
}

/** The context that was opted in for the function or microtask that runs. */
let optedIn: Context | undefined;

/**
 * Opts the code in whose context is `before`. Outside of tasks that is a piece of work of its own: also beside what its
 * caller has called just before, and whose context it finds only because nothing could take that back.
 */
function optIn(before: Context | undefined, scope: CancelScope, enter: (inside: Context) => void): void {
  const known = before?.task ?? (before === optedIn ? undefined : before?.entry);
  const inside = new Context(scope, before?.task, 'patched', known === undefined ? 'itself' : before?.entry);
  enter(inside);
  optedIn = inside;
  whenSettled(resolved(), () => {
    if (optedIn === inside) optedIn = undefined;
  });
}

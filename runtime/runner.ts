import { startBackend } from './backend.js';
import { CancelScope } from './cancel-scope.js';
import { Context, currentContext } from './context.js';
import { Cancelled } from './errors.js';
import { continueOnCarrier, enterContextHere } from './suspension.js';
import { named, Task } from './task.js';
import { TaskGroup } from './task-group.js';

/** A runner that was opened by `await using`: leaving it gives the context back that was there before. */
export class Runner extends TaskGroup {
  readonly #before = currentContext();

  override async [Symbol.asyncDispose](): Promise<void> {
    enterContextHere(this.#before);
    await super[Symbol.asyncDispose]();
  }

  override [Symbol.dispose](): void {
    enterContextHere(this.#before);
    super[Symbol.dispose]();
  }
}

/**
 * Runs `fn(...args)` as the main task of a runner.
 * @returns what `fn` gives, once it and every task that it left running in the runner have ended
 * @throws what `fn` throws; AggregateError if other tasks of the runner failed
 * @see trio `run`; anyio `run`
 */
export function run<A extends unknown[], T>(fn: (...args: A) => T | PromiseLike<T>, ...args: A): Promise<T> {
  return runner(named(() => fn(...args), fn));
}

/**
 * Opens a runner: a task group for a whole piece of work, which may be nested. Daemons are cancelled when it is left.
 * With `body` it runs that as its main task and settles when all is done; without, use
 * `await using tg = await aevent.runner()`: from there on the calling async context is opted in.
 */
export function runner<T>(body: (tasks: TaskGroup) => T | PromiseLike<T>): Promise<T>;
export function runner(): Promise<TaskGroup>;
export async function runner<T>(body?: (tasks: TaskGroup) => T | PromiseLike<T>): Promise<T | TaskGroup> {
  startBackend();
  if (body === undefined) {
    const opened = new Runner();
    enterContextHere(new Context(opened.cancelScope, currentContext()?.task, 'patched'));
    return opened;
  }
  const tasks = new TaskGroup();
  const errors: unknown[] = [];
  let value: T | undefined;
  try {
    value = await Task.start(tasks.cancelScope, 'patched', body, [tasks]);
  } catch (error) {
    // A cancellation by a failed task is not the body's own failure: that task's error is the one to see.
    if (!(error instanceof Cancelled && tasks.cancelScope.cancelCalled)) errors.push(error);
    tasks.cancelScope.cancel(error);
  }
  try {
    await tasks[Symbol.asyncDispose]();
  } catch (error) {
    if (errors.length === 0) throw error;
    errors.push(...(error as AggregateError).errors);
  }
  if (errors.length > 1)
    throw new AggregateError(errors, `the runner's body and ${errors.length - 1} task(s) failed`);
  if (errors.length > 0) throw errors[0];
  return value as T;
}

/**
 * Opts the calling async context in: after `await aevent.perTask()` every synchronous call that it makes, also after
 * later awaits, suspends instead of blocking.
 * @see Python aevent `per_task`
 */
export function perTask(): Promise<void> {
  startBackend();
  const context = currentContext();
  enterContextHere(context?.withMode('patched') ?? new Context(new CancelScope(), undefined, 'patched'));
  return continueOnCarrier();
}

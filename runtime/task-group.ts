import { startBackend } from './backend.js';
import { CancelScope } from './cancel-scope.js';
import { currentContext, runInContext } from './context.js';
import { AeventError, Cancelled } from './errors.js';
import { awaitPromise, requirePortal } from './suspension.js';
import { Task } from './task.js';

/** A task of the group; `done` never rejects. */
interface Child {
  done: Promise<void>;
  scope: CancelScope;
}

/**
 * Tasks that end together: leaving the group waits for all of them. The first error cancels the others, and leaving
 * raises an AggregateError of all errors; that a child was cancelled is none.
 * @see trio `Nursery`; anyio `TaskGroup`
 */
export class TaskGroup implements AsyncDisposable, Disposable {
  /** Cancels everything in the group. */
  readonly cancelScope: CancelScope;
  readonly #children = new Set<Child>();
  readonly #daemons = new Set<Child>();
  readonly #errors: unknown[] = [];
  #closed = false;

  constructor(parent: CancelScope | undefined = currentContext()?.scope) {
    this.cancelScope = new CancelScope(parent);
  }

  /**
   * Starts `fn(...args)` as a task of the group. Not a checkpoint: it starts in a microtask of its own.
   * @returns the scope that cancels just this task
   * @throws {@link AeventError} `AEVENT_GROUP_CLOSED` if the group was left
   */
  spawn<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): CancelScope {
    return this.#start(this.#children, fn, args);
  }

  /** As {@link spawn}, but leaving the group cancels the task instead of waiting for it. */
  spawnDaemon<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): CancelScope {
    return this.#start(this.#daemons, fn, args);
  }

  /** Waits for the tasks; in synchronous code of a task. A checkpoint, which raises Cancelled once they have ended. */
  [Symbol.dispose](): void {
    const context = requirePortal('TaskGroup');
    // Cancellation reaches the tasks, which then end: nobody may go on before that.
    runInContext(context.withScope(new CancelScope()), () => awaitPromise(this.#leave(), 'TaskGroup'));
    context.scope.throwIfCancelled();
  }

  /** Waits for the tasks. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#leave();
  }

  #start<A extends unknown[]>(kind: Set<Child>, fn: (...args: A) => unknown, args: A): CancelScope {
    if (this.#closed) {
      throw new AeventError(
        'AEVENT_GROUP_CLOSED',
        `spawn(${fn.name || 'anonymous'}) was called on a task group that was left. Spawn before the group ends.`,
      );
    }
    startBackend();
    const scope = new CancelScope(this.cancelScope);
    const done = Task.start(scope, 'patched', fn, args).then(
      () => void kind.delete(child),
      (error) => {
        kind.delete(child);
        if (error instanceof Cancelled && scope.effectivelyCancelled) return;
        this.#errors.push(error);
        this.cancelScope.cancel(error);
      },
    );
    const child: Child = { done, scope };
    kind.add(child);
    return scope;
  }

  // Children may spawn further ones while they are waited for.
  async #leave(): Promise<void> {
    while (this.#children.size > 0) await Promise.all([...this.#children].map(({ done }) => done));
    this.#closed = true;
    for (const { scope } of this.#daemons) scope.cancel('the task group was left');
    while (this.#daemons.size > 0) await Promise.all([...this.#daemons].map(({ done }) => done));
    if (this.#errors.length > 0) {
      const errors = this.#errors.splice(0);
      throw new AggregateError(errors, `${errors.length} task(s) of the group failed`);
    }
  }
}

/**
 * Makes a task group for the current context, in sync and async code alike:
 * `await using tg = aevent.createTaskGroup()`, in a task also `using tg = …`. Not a checkpoint.
 * @see anyio `create_task_group`
 */
export function createTaskGroup(): TaskGroup {
  return new TaskGroup();
}

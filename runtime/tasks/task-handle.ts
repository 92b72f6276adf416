// Handles of single tasks.
import { inLine, inspectAs, shown } from '../base/describe.js';
import { AeventError } from '../base/errors.js';
import { type CancelScope, noError } from '../cancellation/cancel-scope.js';
import { type Subject, type Told, tellWait } from '../suspension/subject.js';
import { suspend, type Waiter } from '../suspension/suspension.js';

/** Where a task of {@link TaskHandle} is: `running` from its start, suspended or not. */
export type TaskStatus = 'running' | 'succeeded' | 'failed' | 'cancelled';

/** Makes a handle; for task groups only. */
export let handleOf: <T>(name: string, scope: CancelScope) => TaskHandle<T>;

/**
 * A task that was started with `startSoon`.
 * @see anyio `TaskHandle`
 */
export class TaskHandle<T> implements Subject {
  /** The name of the task's function. */
  readonly name: string;
  /** Cancels just this task. */
  readonly cancelScope: CancelScope;
  #status: TaskStatus = 'running';
  #result: T | undefined;
  #error: unknown;
  #waiters: Set<Waiter<T>> | undefined;

  static {
    handleOf = (name, scope) => new TaskHandle(name, scope);
  }

  private constructor(name: string, scope: CancelScope) {
    this.name = name;
    this.cancelScope = scope;
  }

  /** Where the task is. Never a checkpoint. */
  get status(): TaskStatus {
    return this.#status;
  }

  /** The value of the task's function; undefined unless the status is `succeeded`. */
  get result(): T | undefined {
    return this.#result;
  }

  /** The error that the task threw; undefined unless the status is `failed` or, then a Cancelled, `cancelled`. */
  get error(): unknown {
    return this.#error;
  }

  /** Cancels the task. Never a checkpoint. */
  cancel(reason?: unknown): void {
    this.cancelScope.cancel(reason);
  }

  /**
   * Waits for the task's end. A checkpoint unless it has ended. Giving up the wait leaves the task alone.
   * @returns what its function gave
   * @throws what its function threw; {@link AeventError} `AEVENT_TASK_CANCELLED` if it was cancelled; Cancelled if
   *   the waiting one is
   */
  wait(): T {
    return suspend<T>('TaskHandle.wait', (wait) => this.#whenEnded(wait), this);
  }

  /** A promise of the task's end: {@link wait} for async code. */
  waitAsync(): Promise<T> {
    return new Promise<T>((resolve, reject) => void this.#whenEnded({ resolve, reject }));
  }

  /** @internal */
  [tellWait](): Told {
    const task = this.cancelScope.holder as { readonly name: string } | undefined;
    return { text: `of ${shown(task?.name ?? this.name)}`, ...(task && { needs: { all: [task] } }) };
  }

  /** @internal */
  [inspectAs](): string {
    return inLine(this, () => `${shown(this.name)}, ${this.#status}`);
  }

  /** @internal */
  end(status: Exclude<TaskStatus, 'running'>, error: unknown, result: T | undefined): void {
    this.#status = status;
    this.#result = result;
    this.#error = error === noError ? undefined : error;
    for (const waiter of this.#waiters ?? []) this.#tell(waiter);
    this.#waiters = undefined;
  }

  #whenEnded(waiter: Waiter<T>): (() => void) | undefined {
    if (this.#status !== 'running') {
      this.#tell(waiter);
      return undefined;
    }
    this.#waiters ??= new Set();
    this.#waiters.add(waiter);
    return () => void this.#waiters?.delete(waiter);
  }

  #tell(waiter: Waiter<T>): void {
    if (this.#status === 'succeeded') waiter.resolve(this.#result as T);
    else if (this.#status === 'failed') waiter.reject(this.#error);
    else {
      // Not the task's own Cancelled: the one who waits was not cancelled.
      waiter.reject(
        new AeventError('AEVENT_TASK_CANCELLED', `the task ${this.name} was cancelled before it ended`, {
          cause: this.#error,
        }),
      );
    }
  }
}

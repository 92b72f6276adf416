// A task: a function on a stack of its own, from its start to its end.
import { inLine, inspectAs, nameOf, shown } from '../base/describe.js';
import { each, push, whenSettled } from '../base/primordials.js';
import { isThenable } from '../base/thenable.js';
import { type CancelScope, noError } from '../cancellation/cancel-scope.js';
import { Context, currentContext, type Mode, runOnStack, startInContext } from '../suspension/context.js';
import { core, currentCarrier } from '../suspension/native-core.js';
import { beginRun, endRun, observing } from '../suspension/observer.js';
import { requireStackToGive } from '../suspension/stack-room.js';
import { requireCarrier, startOnCarrier } from '../suspension/start-on-carrier.js';

let lastId = 0;
const live = new Set<Task>();

/** Called at a task's end, exactly once: `error` is {@link noError} unless it failed. */
export type Ended<T> = (error: unknown, value: T | undefined) => void;

/** A function that runs on carriers, from its start until it returned and its promise settled. */
export class Task {
  readonly id: number;
  readonly #function: string;
  readonly scope: CancelScope;
  #ended: (() => void)[] | undefined;
  /** False until its function is called. */
  begun = false;
  ranNs = 0;
  waitedNs = 0;
  ownerId = 0;

  private constructor(name: string, scope: CancelScope) {
    this.id = ++lastId;
    this.#function = name;
    this.scope = scope;
    scope.holder = this;
  }

  get name(): string {
    return `${this.#function}#${this.id}`;
  }

  /**
   * Starts `fn` as a task, in a microtask of its own. Never a checkpoint.
   * @returns what `fn` returns or throws, awaited if it is a promise
   */
  static start<A extends unknown[], T>(
    scope: CancelScope,
    mode: Mode,
    fn: (...args: A) => T | PromiseLike<T>,
    args: A,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      Task.begin<A, T>(scope, mode, fn, args, (error, value) => {
        scope.leave();
        if (error === noError) resolve(value as T);
        else reject(error);
      });
    });
  }

  /** As {@link start}, for who needs no promise and leaves the scope itself. `ended` must not throw. */
  static begin<A extends unknown[], T>(
    scope: CancelScope,
    mode: Mode,
    fn: (...args: A) => T | PromiseLike<T>,
    args: A,
    ended: Ended<T>,
  ): Task {
    requireStackToGive();
    const task = new Task(nameOf(fn), scope);
    const context = new Context(scope, task, mode);
    live.add(task);
    observing.by?.spawned(task, currentContext());
    const succeed = (value: T): void => {
      if (!task.#end()) return;
      observing.by?.ended(task, 'succeeded', undefined);
      ended(noError, value);
    };
    const fail = (error: unknown): void => {
      // A thenable may call both, or throw after it has called one.
      if (!task.#end()) return;
      observing.by?.ended(task, scope.isCancellation(error) ? 'cancelled' : 'failed', error);
      ended(error, undefined);
    };
    const body = (): void => {
      let value: T | PromiseLike<T>;
      beginRun(currentCarrier(), context);
      try {
        scope.throwIfCancelled();
        requireCarrier();
        task.begun = true;
        core.binding?.beginPiece();
        value = runOnStack(context, () => Reflect.apply(fn, undefined, args));
        if (isThenable(value)) {
          if (value instanceof Promise) whenSettled(value, succeed, fail);
          else value.then(succeed, fail);
          endRun(currentCarrier());
          return;
        }
      } catch (error) {
        endRun(currentCarrier());
        fail(error);
        return;
      }
      endRun(currentCarrier());
      succeed(value);
    };
    startInContext(context, () => startOnCarrier(body));
    return task;
  }

  /** Calls `hear` when the task, which is live, has ended. It must not throw. */
  onEnd(hear: () => void): void {
    this.#ended ??= [];
    push(this.#ended, hear);
  }

  #end(): boolean {
    if (!live.delete(this)) return false;
    if (this.#ended !== undefined) for (const hear of each(this.#ended)) hear();
    return true;
  }

  /** @internal */
  [inspectAs](): string {
    return inLine(this, () => shown(this.name));
  }

  /** How many tasks were started. */
  static get started(): number {
    return lastId;
  }

  /** Every task that has not ended. */
  static get live(): ReadonlySet<Task> {
    return live;
  }
}

/** Gives a task's function the name of the user's function that it calls. */
export function named<F extends object>(fn: F, after: { name: string }): F {
  let value: unknown = '';
  try {
    value = after.name;
  } catch {
    // A proxy.
  }
  return Object.defineProperty(fn, 'name', { value, configurable: true });
}

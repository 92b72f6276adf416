import type { CancelScope } from './cancel-scope.js';
import { Context, type Mode, runInContext, runOnStack } from './context.js';
import { startOnCarrier } from './suspension.js';

let lastId = 0;
const live = new Set<Task>();

/** A function that runs on carriers, from its start until it returned and its promise settled. */
export class Task {
  readonly id: number;
  readonly name: string;
  readonly scope: CancelScope;

  private constructor(name: string, scope: CancelScope) {
    this.id = ++lastId;
    this.name = `${name || 'anonymous'}#${this.id}`;
    this.scope = scope;
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
    const task = new Task(fn.name, scope);
    const context = new Context(scope, task, mode);
    live.add(task);
    return new Promise<T>((resolve, reject) => {
      const settle = (value: T): void => {
        live.delete(task);
        resolve(value);
      };
      const fail = (error: unknown): void => {
        live.delete(task);
        reject(error);
      };
      const body = (): void => {
        try {
          scope.throwIfCancelled();
          const value = runOnStack(context, () => fn(...args));
          if (isThenable(value)) value.then(settle, fail);
          else settle(value);
        } catch (error) {
          fail(error);
        }
      };
      runInContext(context, () => startOnCarrier(body));
    });
  }

  /** Every task that has not ended. */
  static get live(): ReadonlySet<Task> {
    return live;
  }
}

/** Gives a task's function the name of the user's function that it calls. */
export function named<F extends object>(fn: F, after: { name: string }): F {
  return Object.defineProperty(fn, 'name', { value: after.name, configurable: true });
}

/** True for whatever `await` would wait for. */
export function isThenable<T>(value: unknown): value is PromiseLike<T> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

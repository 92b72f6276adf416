// Task groups, as trio's nurseries: tasks that end together.
import { startBackend } from '../backend/backend.js';
import { inLine, inspectAs, isA, messageOf, nameOf } from '../base/describe.js';
import { AeventError, Cancelled, requireFunction } from '../base/errors.js';
import { each, filter, includes, push, splice } from '../base/primordials.js';
import { beginAtProgram } from '../base/stacks.js';
import { CancelScope, currentScope, noError } from '../cancellation/cancel-scope.js';
import { uncancelled } from '../cancellation/checkpoint.js';
import { type Context, contextWithin, currentContext } from '../suspension/context.js';
import { requirePortal } from '../suspension/portal.js';
import { requireStack, requireStackToGive } from '../suspension/stack-room.js';
import { type Subject, type Told, tellWait } from '../suspension/subject.js';
import { enterContextHere, suspend, type Waiter } from '../suspension/suspension.js';
import { named, Task } from './task.js';
import { handleOf, type TaskHandle } from './task-handle.js';

/**
 * Called once it is ready by a function that {@link TaskGroup.start} started. Not a checkpoint.
 * @throws {@link AeventError} `AEVENT_STARTED_TWICE`
 */
export interface Started<V = unknown> {
  // Where no type is given for the value, there may be none.
  (...value: unknown extends V ? [] : [value: V]): void;
  (value: V): void;
}

/** A block of `using`: the context it is in, and the one that it gives way to. */
interface Block {
  readonly before: Context | undefined;
  readonly inside: Context;
}

/**
 * Tasks that end together: leaving the group waits for all of them. The first error cancels the others and the block,
 * and leaving raises an AggregateError of all errors; that a child was cancelled is none.
 *
 * `using` and `await using` put their block into {@link cancelScope}. JavaScript does not tell them the error that
 * leaves the block: that cancels the tasks in `taskGroup()` only.
 * @see trio `Nursery`; anyio `TaskGroup`
 */
export class TaskGroup implements AsyncDisposable, Disposable, Subject {
  /** Cancels everything in the group. */
  readonly cancelScope: CancelScope;
  readonly #daemons = new Set<CancelScope>();
  readonly #errors: unknown[] = [];
  readonly #leaving: (() => void)[] = [];
  #children = 0;
  #closed = false;
  #block: Block | undefined;

  readonly #report: ((error: unknown) => void) | undefined;

  /**
   * @param parent - the scope around the group. Default: that of the running code
   * @param report - takes the errors of the tasks where the group is never left; they cancel nothing then
   */
  constructor(parent: CancelScope | undefined = currentScope(), report?: (error: unknown) => void) {
    this.cancelScope = CancelScope.within(parent);
    this.cancelScope.holder = this;
    this.#report = report;
  }

  /** @internal */
  [tellWait](): Told {
    return { text: `of ${this.#count()}`, needs: { childrenOf: this.cancelScope } };
  }

  /** @internal */
  [inspectAs](): string {
    return inLine(this, () => `${this.#count()}, ${this.#closed ? 'left' : 'open'}`);
  }

  #count(): string {
    const daemons = this.#daemons.size;
    return `${this.#children} task${this.#children === 1 ? '' : 's'}${daemons > 0 ? ` and ${daemons} daemons` : ''}`;
  }

  /** True once the group was left: nothing can be started in it any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Starts `fn(...args)` as a task of the group. Not a checkpoint: it starts in a microtask of its own.
   * @returns the scope that cancels just this task
   * @throws {@link AeventError} `AEVENT_GROUP_CLOSED` if the group was left
   */
  spawn<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): CancelScope {
    return this.begin('spawn', fn, args, false);
  }

  /** As {@link spawn}, but leaving the group cancels the task instead of waiting for it. */
  spawnDaemon<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): CancelScope {
    return this.begin('spawnDaemon', fn, args, true);
  }

  /** @internal True for the scope of a daemon of this group. */
  isDaemon(scope: CancelScope): boolean {
    return this.#daemons.has(scope);
  }

  /** @internal Spawns a task, or daemon; `ended` hears of its end, also where it was cancelled before it began. */
  begin<A extends unknown[]>(
    what: string,
    fn: (...args: A) => unknown,
    args: A,
    daemon: boolean,
    ended?: () => void,
  ): CancelScope {
    this.#check(what, fn);
    const scope = CancelScope.within(this.cancelScope);
    if (daemon) this.#daemons.add(scope);
    else this.#children++;
    Task.begin(scope, 'patched', fn, args, (error) => {
      ended?.();
      this.#settle(scope, error);
      if (daemon) this.#daemons.delete(scope);
      else this.#children--;
      this.#endIfDone();
    });
    return scope;
  }

  /**
   * As {@link spawn}, with a handle that tells of the task's end.
   * @see trio `Nursery.start_soon`; anyio `TaskHandle`
   */
  startSoon<A extends unknown[], T>(
    fn: (...args: A) => T | PromiseLike<T>,
    ...args: A
  ): TaskHandle<Awaited<T>> {
    this.#check('startSoon', fn);
    const scope = CancelScope.within(this.cancelScope);
    const handle = handleOf<Awaited<T>>(nameOf(fn), scope);
    this.#children++;
    Task.begin<A, T>(scope, 'patched', fn, args, (error, value) => {
      const left = this.#settle(scope, error);
      const status = error === noError ? 'succeeded' : left === noError ? 'cancelled' : 'failed';
      handle.end(status, error, value as Awaited<T> | undefined);
      this.#childEnded();
    });
    return handle;
  }

  /**
   * Starts `fn(started, ...args)` and waits until it calls `started(value)`; from then on it is a task of the group.
   * Before, it belongs to the caller: its error is thrown here, and cancelling the caller cancels it. A checkpoint.
   * @returns the value; its type is that of `fn`'s parameter (`(started: Started<number>) => void`), or the one wanted
   * @throws {@link AeventError} `AEVENT_NOT_STARTED` if `fn` ends without having called it; `AEVENT_GROUP_CLOSED`
   * @see trio and anyio `start`
   */
  start<V = unknown, A extends unknown[] = []>(
    fn: (started: Started<V>, ...args: A) => unknown,
    ...args: A
  ): V {
    requirePortal('TaskGroup.start');
    const scope = currentScope();
    // The caller's cancellation reaches the task, which then ends: the caller may not go on before that.
    return uncancelled(() =>
      suspend<V>('TaskGroup.start', (wait) => {
        this.#start(wait, scope, fn, args);
        return undefined;
      }),
    );
  }

  /** {@link start} for async code: a promise of the value. */
  startAsync<V = unknown, A extends unknown[] = []>(
    fn: (started: Started<V>, ...args: A) => unknown,
    ...args: A
  ): Promise<V> {
    const scope = currentScope();
    return new Promise<V>((resolve, reject) => this.#start({ resolve, reject }, scope, fn, args));
  }

  /**
   * Waits for the tasks; in synchronous code of a task. A checkpoint, which raises Cancelled, if the code around the
   * group is cancelled, once they have ended. Begins the block when `using` looks it up.
   */
  get [Symbol.dispose](): () => void {
    this.#enclose();
    return () => {
      this.#leaveBlock();
      this.leave(noError);
      currentScope()?.throwIfCancelled();
    };
  }

  /** Waits for the tasks. Begins the block when `await using` looks it up. */
  get [Symbol.asyncDispose](): () => Promise<void> {
    this.#enclose();
    return () => {
      this.#leaveBlock();
      return this.leaveAsync(noError);
    };
  }

  /**
   * @internal Waits for the tasks in synchronous code, then throws their failure, if any failed.
   * @param failure - the error of the body of the group, or {@link noError}
   */
  leave(failure: unknown): void {
    if (failure !== noError) this.cancelScope.cancel(failure);
    try {
      requirePortal('leaving a task group');
    } catch (error) {
      // No code waits for the tasks then.
      this.cancelScope.cancel(error);
      throw failure === noError ? error : failure;
    }
    uncancelled(() =>
      suspend<void>(
        'TaskGroup',
        (wait) => {
          this.#whenLeft(() => wait.resolve());
          return undefined;
        },
        this,
      ),
    );
    this.#conclude(failure);
  }

  /** @internal As {@link leave}, in async code. */
  async leaveAsync(failure: unknown): Promise<void> {
    if (failure !== noError) this.cancelScope.cancel(failure);
    await new Promise<void>((resolve) => this.#whenLeft(resolve));
    this.#conclude(failure);
  }

  /** @internal Puts the running code into the group's scope, until the group is left. */
  enter(inside: Context, before: Context | undefined): void {
    this.#block = { before, inside };
    this.cancelScope.parent?.encloses(this.cancelScope, 'a task group');
    enterContextHere(inside);
  }

  // Where the group was made somewhere else, its scope is not inside the one that the code is in.
  #enclose(): void {
    const before = currentContext();
    if (this.#block !== undefined || this.#closed || before?.scope !== this.cancelScope.parent) return;
    requireStack();
    this.enter(contextWithin(this.cancelScope), before);
  }

  #leaveBlock(): void {
    const block = this.#block;
    if (block === undefined) return;
    this.#block = undefined;
    this.cancelScope.parent?.enclosesNoMore(this.cancelScope);
    if (currentScope() === this.cancelScope) enterContextHere(block.before);
  }

  #check(what: string, fn: unknown): void {
    requireFunction(`${what}()`, fn);
    if (this.#closed) {
      throw new AeventError(
        'AEVENT_GROUP_CLOSED',
        `${what}(${nameOf(fn)}) was called on a task group that was left. Spawn before the group ends.`,
      );
    }
    startBackend();
    requireStack();
  }

  #start<V, A extends unknown[]>(
    caller: Waiter<V>,
    around: CancelScope | undefined,
    fn: (started: Started<V>, ...args: A) => unknown,
    args: A,
  ): void {
    this.#check('start', fn);
    const scope = CancelScope.within(around);
    let state: 'starting' | 'abandoned' | 'started' = 'starting';
    const started = (value?: V): void => {
      if (state !== 'starting') {
        throw new AeventError('AEVENT_STARTED_TWICE', `${nameOf(fn)} called started() a second time.`);
      }
      requireStackToGive();
      // The caller that waits for it is cancelled: the task stays in its scope, and ends.
      state = around?.effectivelyCancelled ? 'abandoned' : 'started';
      if (state === 'abandoned') return;
      scope.moveTo(this.cancelScope);
      caller.resolve(value as V);
    };
    this.#children++;
    Task.begin(
      scope,
      'patched',
      named((...given: A) => fn(started, ...(each(given) as unknown as A)), fn),
      args,
      (error) => {
        if (state === 'started') {
          this.#settle(scope, error);
        } else {
          scope.leave();
          const name = nameOf(fn);
          caller.reject(
            error === noError
              ? new AeventError('AEVENT_NOT_STARTED', `${name} ended without having called started().`)
              : error,
          );
        }
        this.#childEnded();
      },
    );
  }

  // Takes note of how a task ended; gives the rest of its error when the cancellation is taken out.
  #settle(scope: CancelScope, error: unknown): unknown {
    const failure = error === noError ? noError : scope.withoutCancellation(error);
    const misnested = scope.leave('a task');
    this.#fail(failure);
    if (misnested !== undefined) this.#fail(misnested);
    return failure;
  }

  #fail(error: unknown): void {
    if (error === noError) return;
    if (this.#report !== undefined) {
      this.#report(error);
      return;
    }
    // A task that waits for another one throws the very error of that one.
    if (!includes(this.#errors, error)) push(this.#errors, error);
    this.cancelScope.cancel(error);
  }

  #childEnded(): void {
    this.#children--;
    this.#endIfDone();
  }

  #whenLeft(left: () => void): void {
    push(this.#leaving, left);
    this.#endIfDone();
  }

  // Tasks may start further ones while they are waited for. The daemons are cancelled when the last one has ended.
  #endIfDone(): void {
    if (this.#leaving.length === 0 || this.#children > 0) return;
    if (!this.#closed) {
      this.#closed = true;
      for (const scope of each([...this.#daemons])) scope.cancel('the task group was left');
    }
    if (this.#daemons.size > 0) return;
    for (const left of each(splice(this.#leaving, 0))) left();
  }

  #conclude(failure: unknown): void {
    const scope = this.cancelScope;
    const own = failure === noError ? noError : scope.withoutOwnCancellation(failure);
    const misnested = scope.leave('a task group');
    const errors = filter(splice(this.#errors, 0), (error) => error !== own);
    if (misnested !== undefined) push(errors, misnested);
    if (errors.length === 0 && own === noError) return;
    if (errors.length === 0) throw own;
    // That the code around is cancelled shows again at its next suspension.
    if (own === noError || isA(own, Cancelled)) {
      const message = `${errors.length} task(s) of the group failed: ${messageOf(errors[0])}`;
      throw beginAtProgram(new AggregateError(errors, message));
    }
    const message = `the group's body and ${errors.length} task(s) failed: ${messageOf(own)}`;
    throw beginAtProgram(new AggregateError([own, ...errors], message));
  }
}

// Regions of work that are cancelled as one. More than 400 lines, since it is one class whose private state all its methods share:
// its deadline, the waits inside of it, and the scopes below it, to which it delivers.
import { whenAborted } from '../base/abort-listeners.js';
import { now, startTimer } from '../base/clock.js';
import { describe, inLine, inspectAs, isA, isProxy } from '../base/describe.js';
import { AeventError, Cancelled, invalidArgument, requireFunction } from '../base/errors.js';
import { each, every, join, pop, push, resolved, whenSettled } from '../base/primordials.js';
import { beginAtProgram } from '../base/stacks.js';
import { isThenable } from '../base/thenable.js';
import { contextWithin, currentContext, runOnStack } from '../suspension/context.js';
import type { Cancellable, Scope } from '../suspension/scope.js';
import { requireStack, requireStackToGive } from '../suspension/stack-room.js';
import { enterInPlace } from '../suspension/suspension.js';

/** Options of {@link CancelScope}. */
export interface CancelScopeOptions {
  /** When it is cancelled, in milliseconds of `aevent.currentTime()`. Default: Infinity, which is never. */
  deadline?: number;
  /** See {@link CancelScope.shield}. */
  shield?: boolean;
  /** Cancels the scope when it is aborted. */
  signal?: AbortSignal;
}

/** Stands for "no error": anything may be thrown, undefined too. */
export const noError: unique symbol = Symbol('noError');

const none: ReadonlySet<never> = new Set<never>();

/** Which scope a Cancelled was raised for: only that one, or one around it that is cancelled too, may catch it. */
const origins = new WeakMap<Cancelled, CancelScope>();

/**
 * A region of work that can be cancelled as one. Cancelling is level-triggered: every suspension inside a cancelled
 * scope raises {@link Cancelled}, until the scope is left.
 * @see trio and anyio `CancelScope`
 */
export class CancelScope implements Scope {
  #parent: CancelScope | undefined;
  #state: 'unused' | 'open' | 'left' = 'unused';
  // Nearly every scope belongs to one task, which waits for one thing at a time: that needs no set.
  #wait: Cancellable | undefined;
  #otherWaits: Set<Cancellable> | undefined;
  #children: Set<CancelScope> | undefined;
  /** The scope around it has this one among its children. */
  #joined = false;
  /** Scopes opened inside by `using`, which have to be left before this one is. */
  #inside: Map<CancelScope, string> | undefined;
  #shield = false;
  #reason: unknown;
  #cancelCalled = false;
  #cancelledCaught = false;
  #expired = false;
  #deadline = Number.POSITIVE_INFINITY;
  #stopTimer: (() => void) | undefined;
  #controller: AbortController | undefined;
  #stopListening: (() => void) | undefined;
  #source: AbortSignal | undefined;
  /** @internal The task or task group whose scope it is. */
  holder: object | undefined;

  /** @throws TypeError `AEVENT_INVALID_OPTIONS` for a deadline that is no number or a signal that is none */
  constructor(options?: CancelScopeOptions) {
    if (options === undefined) return;
    if (typeof options !== 'object' || options === null) {
      throw invalidArgument(
        'AEVENT_INVALID_OPTIONS',
        `new CancelScope() takes an object, not ${describe(options)}.`,
      );
    }
    const { deadline, shield, signal } = options;
    if (deadline !== undefined) this.#deadline = checkedDeadline(deadline);
    this.#shield = shield === true;
    if (signal !== undefined && !isA(signal, AbortSignal)) {
      throw invalidArgument(
        'AEVENT_INVALID_OPTIONS',
        `new CancelScope({ signal }) takes an AbortSignal, not ${describe(signal)}.`,
      );
    }
    this.#source = signal;
  }

  /** A scope that is in use at once, such as a task's, until {@link leave} is called. */
  static within(parent: CancelScope | undefined): CancelScope {
    const scope = new CancelScope();
    scope.#parent = parent;
    scope.#state = 'open';
    return scope;
  }

  /** @internal */
  [inspectAs](): string {
    return inLine(this, () => {
      const said = [this.#state === 'unused' ? 'not entered' : this.#state];
      if (this.#cancelCalled) push(said, 'cancelled');
      else if (this.#deadline < Number.POSITIVE_INFINITY)
        push(said, `deadline in ${Math.round(this.#deadline - now())} ms`);
      if (this.#shield) push(said, 'shielded');
      return join(said, ', ');
    });
  }

  /** The scope around it. */
  get parent(): CancelScope | undefined {
    return this.#parent;
  }

  /** True once {@link cancel} was called on this very scope, or its deadline has passed. */
  get cancelCalled(): boolean {
    // The event loop, and with it the timer, may not have turned since.
    if (!this.#cancelCalled && this.#state !== 'left' && this.#deadline <= now()) this.#expire();
    return this.#cancelCalled;
  }

  /** @internal True once it was left: it is as if it were not there. */
  get left(): boolean {
    return this.#state === 'left';
  }

  /** @internal True if it was the deadline that cancelled the scope. */
  get expired(): boolean {
    return this.#expired;
  }

  /** True once the scope was left by the {@link Cancelled} that it had caused. */
  get cancelledCaught(): boolean {
    return this.#cancelledCaught;
  }

  /**
   * When the scope is cancelled, in milliseconds of `aevent.currentTime()`. Settable at any time; Infinity is never.
   * @throws TypeError `AEVENT_INVALID_OPTIONS` when set to a value that is no number
   */
  get deadline(): number {
    return this.#deadline;
  }

  set deadline(value: number) {
    const deadline = checkedDeadline(value);
    requireStackToGive();
    this.#deadline = deadline;
    this.#watchDeadline();
  }

  /** While true, cancellation of the enclosing scopes does not get in. Settable at any time. */
  get shield(): boolean {
    return this.#shield;
  }

  set shield(value: boolean) {
    if (!value) requireStackToGive();
    this.#shield = value;
    if (!value && this.effectivelyCancelled) this.#deliver();
  }

  /** True if a suspension inside would raise {@link Cancelled}. */
  get effectivelyCancelled(): boolean {
    return this.#cancelledOne() !== undefined;
  }

  /** The deadline that counts inside: -Infinity if cancelled, else the earliest of those that get in. */
  get effectiveDeadline(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (let scope: CancelScope | undefined = this; scope !== undefined; scope = scope.#parent) {
      if (scope.#state === 'left') continue;
      if (scope.cancelCalled) return Number.NEGATIVE_INFINITY;
      earliest = Math.min(earliest, scope.#deadline);
      if (scope.#shield) break;
    }
    return earliest;
  }

  /** An AbortSignal that is aborted when the scope is cancelled, itself or from outside. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      requireStackToGive();
      this.#controller = new AbortController();
      if (this.#state === 'open') this.#joinParent();
      if (this.effectivelyCancelled) this.#controller.abort(this.cancelledError());
    }
    return this.#controller.signal;
  }

  /** Cancels the work inside. Never a checkpoint; calling it again changes nothing. */
  cancel(reason?: unknown): void {
    if (this.#cancelCalled) return;
    requireStackToGive();
    this.#cancelCalled = true;
    this.#reason = reason;
    this.#stopTimer?.();
    if (this.#state !== 'left') this.#deliver();
  }

  /**
   * Runs `fn(scope)` inside the scope, which ends with it, or with the promise that it gives. Not a checkpoint.
   * Synchronous code is interrupted where it suspends. Async code is, too, but a plain `await` is not: hand
   * {@link signal} on, or call `checkpoint()`.
   * @returns the result of `fn`; undefined if it was interrupted by the cancellation of this scope
   * @throws the error of `fn`; {@link AeventError} `AEVENT_SCOPE_REUSED` if the scope was used before,
   *   `AEVENT_MISNESTED` if a task group that was opened inside is still open
   * @see trio `with CancelScope()`
   */
  run<T>(fn: (scope: CancelScope) => PromiseLike<T>): Promise<T | undefined>;
  run<T>(fn: (scope: CancelScope) => T): T | undefined;
  run<T>(fn: (scope: CancelScope) => T | PromiseLike<T>): T | undefined | Promise<T | undefined> {
    requireFunction('CancelScope.run()', fn);
    this.#open();
    let value: T | PromiseLike<T>;
    let isPromised: boolean;
    try {
      value = runOnStack(contextWithin(this), () => fn(this));
      isPromised = isThenable(value);
    } catch (error) {
      return this.#endWith(error);
    }
    if (!isPromised) {
      this.#endWith(noError);
      return value as T;
    }
    return whenSettled(
      resolved(value),
      (result) => {
        this.#endWith(noError);
        return result;
      },
      (error) => this.#endWith(error),
    );
  }

  /** Raises {@link Cancelled} if the scope is cancelled. */
  throwIfCancelled(): void {
    const cancelled = this.#cancelledOne();
    if (cancelled !== undefined) throw beginAtProgram(cancelled.#error());
  }

  /** @internal True if {@link throwIfCancelled} would throw, but changes nothing. */
  isOver(): boolean {
    for (let scope: CancelScope | undefined = this; scope !== undefined; scope = scope.#parent) {
      if (scope.#state === 'left') continue;
      if (scope.#cancelCalled) return true;
      if (scope.#deadline !== Number.POSITIVE_INFINITY && scope.#deadline <= now()) return true;
      if (scope.#shield) return false;
    }
    return false;
  }

  /** The error that a suspension inside raises now. */
  cancelledError(): Cancelled {
    return (this.#cancelledOne() ?? this).#error();
  }

  /** @internal Enlists a wait to be cancelled with the scope. */
  addWait(wait: Cancellable): void {
    this.#joinParent();
    if (this.#wait === undefined) {
      this.#wait = wait;
    } else {
      this.#otherWaits ??= new Set();
      this.#otherWaits.add(wait);
    }
  }

  /** @internal Strikes a wait off. */
  removeWait(wait: Cancellable): void {
    if (this.#wait === wait) this.#wait = undefined;
    else this.#otherWaits?.delete(wait);
    this.#leaveParent();
  }

  /** @internal Puts the scope into another one, whose cancellation reaches it from now on. */
  moveTo(parent: CancelScope): void {
    requireStackToGive();
    const before = this.#parent;
    this.#parent = parent;
    if (before !== undefined) {
      before.#children?.delete(this);
      this.#joined = false;
      before.#leaveParent();
    }
    if (this.#isInUse()) this.#joinParent();
    if (this.effectivelyCancelled) this.#deliver();
  }

  /** @internal `scope` was opened inside and has to be left first; `what` names it. */
  encloses(scope: CancelScope, what: string): void {
    this.#inside ??= new Map();
    this.#inside.set(scope, what);
  }

  /** @internal Strikes off the scope that {@link encloses} noted. */
  enclosesNoMore(scope: CancelScope): void {
    this.#inside?.delete(scope);
  }

  /**
   * @internal Ends the scope: work that goes on in it belongs to the scope around it.
   * @returns an error if something that was opened inside is still open; that is cancelled
   */
  leave(what = 'a CancelScope'): AeventError | undefined {
    this.#state = 'left';
    this.#stopTimer?.();
    this.#stopListening?.();
    this.#leaveParent();
    if (!this.#inside?.size) return undefined;
    let scope: CancelScope = this;
    let inner = '';
    this.#inside.forEach((name, opened) => {
      scope = opened;
      inner = name;
    });
    const misnested = new AeventError(
      'AEVENT_MISNESTED',
      `${what} was left while ${inner}, which was opened inside it, is still open. Leave the inner one first: ` +
        'scopes end in the reverse order of their beginnings.',
    );
    scope.cancel(misnested);
    return misnested;
  }

  /**
   * @internal Gives the rest of an error that left this scope when its own cancellation is taken out; {@link noError}
   * if that was all. To be asked before the scope is left.
   */
  withoutOwnCancellation(error: unknown): unknown {
    // Where the scope around it is cancelled as well, that one has to catch it.
    if (!this.cancelCalled || (!this.#shield && this.#parent?.effectivelyCancelled === true)) return error;
    const rest = without(error, (origin) => origin.#isWithin(this) || this.#isWithin(origin));
    if (rest === noError) this.#cancelledCaught = true;
    return rest;
  }

  /** @internal True for an error that is nothing but a cancellation which reaches this scope, or did before it was left. */
  isCancellation(error: unknown): boolean {
    const cancelled = this.effectivelyCancelled;
    return (
      without(error, (origin) => this.#isWithin(origin) && (cancelled || origin.#state === 'left')) ===
      noError
    );
  }

  /** @internal The same for a task's scope, which is left by every cancellation that reaches it. */
  withoutCancellation(error: unknown): unknown {
    if (this.withoutOwnCancellation(error) === noError) return noError;
    const cancelled = this.effectivelyCancelled;
    return without(error, (origin) => {
      // The one around that was cancelled may be left by now, with this task not waited for: a runner's promise, say.
      if (this.#isWithin(origin) && (cancelled || origin.#state === 'left')) return true;
      // A scope inside that was left without catching its own, as a block with `using` does.
      return origin.#isWithin(this) && (cancelled || origin.#state === 'left');
    });
  }

  #open(): void {
    if (this.#state !== 'unused') {
      throw new AeventError(
        'AEVENT_SCOPE_REUSED',
        'run() was called on a CancelScope that was used before. Make a new one for each piece of work.',
      );
    }
    requireStack();
    this.#parent = currentScope();
    this.#state = 'open';
    if (this.#controller !== undefined) this.#joinParent();
    this.#watchDeadline();
    const source = this.#source;
    if (source === undefined) return;
    if (source.aborted) {
      this.cancel(source.reason);
      return;
    }
    this.#stopListening = whenAborted(source, () => this.cancel(source.reason));
  }

  // Throws the rest of the error, or returns.
  #endWith(error: unknown): undefined {
    const rest = error === noError ? noError : this.withoutOwnCancellation(error);
    const misnested = this.leave();
    if (rest !== noError) throw rest;
    if (misnested !== undefined) throw misnested;
  }

  #cancelledOne(): CancelScope | undefined {
    for (let scope: CancelScope | undefined = this; scope !== undefined; scope = scope.#parent) {
      if (scope.#state === 'left') continue;
      if (scope.#cancelCalled || (scope.#deadline !== Number.POSITIVE_INFINITY && scope.cancelCalled))
        return scope;
      if (scope.#shield) return undefined;
    }
    return undefined;
  }

  #error(): Cancelled {
    const error = new Cancelled(this.#reason);
    origins.set(error, this);
    return error;
  }

  #isWithin(outer: CancelScope): boolean {
    let scope: CancelScope | undefined = this;
    while (scope !== undefined && scope !== outer) scope = scope.#parent;
    return scope === outer;
  }

  // Once left it is as if it weren't there.
  #isShielded(): boolean {
    return this.#shield && this.#state !== 'left';
  }

  #watchDeadline(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (this.#state !== 'open' || this.#cancelCalled || this.#deadline === Number.POSITIVE_INFINITY) return;
    this.#stopTimer = startTimer(Math.max(0, this.#deadline - now()), () => this.#expire());
  }

  #expire(): void {
    requireStackToGive();
    this.#expired = !this.#cancelCalled;
    this.cancel('its deadline has passed');
  }

  // A scope is known to its ancestors from when it has something to deliver to until it is left, so that finished ones
  // are not kept.
  // Not by recursion, here and below: async code may nest scopes deeper than any stack.
  #joinParent(): void {
    for (let scope: CancelScope = this; !scope.#joined; ) {
      const parent: CancelScope | undefined = scope.#parent;
      if (parent === undefined) return;
      scope.#joined = true;
      parent.#children ??= new Set();
      parent.#children.add(scope);
      scope = parent;
    }
  }

  #leaveParent(): void {
    for (let scope: CancelScope = this; scope.#joined && scope.#state !== 'open' && !scope.#isInUse(); ) {
      scope.#joined = false;
      const parent = scope.#parent as CancelScope;
      parent.#children?.delete(scope);
      scope = parent;
    }
  }

  #isInUse(): boolean {
    return (
      this.#wait !== undefined ||
      (this.#controller !== undefined && this.#state === 'open') ||
      Boolean(this.#otherWaits?.size) ||
      Boolean(this.#children?.size)
    );
  }

  #deliver(): void {
    const reached: CancelScope[] = [this];
    for (let i = 0; i < reached.length; i++) {
      const scope = reached[i] as CancelScope;
      const waits = [...(scope.#otherWaits ?? none)];
      scope.#wait?.cancel(scope.cancelledError());
      for (const wait of each(waits)) wait.cancel(scope.cancelledError());
      for (const child of scope.#children ?? none) if (!child.#isShielded()) push(reached, child);
    }
    // The inner ones first.
    for (let scope = pop(reached); scope !== undefined; scope = pop(reached)) scope.#abort();
  }

  #abort(): void {
    const controller = this.#controller;
    // Listeners are callbacks: one that suspends must not keep cancel() from returning.
    if (controller !== undefined && this.#state !== 'left')
      enterInPlace(() => controller.abort(this.cancelledError()));
  }
}

/** The scope that the running code is in; undefined where nothing opted in. */
export function currentScope(): CancelScope | undefined {
  return currentContext()?.scope as CancelScope | undefined;
}

function checkedDeadline(value: number): number {
  if (typeof value === 'number' && !Number.isNaN(value)) return value;
  throw invalidArgument(
    'AEVENT_INVALID_OPTIONS',
    `A deadline is a number of milliseconds of aevent.currentTime(), or Infinity, not ${describe(value)}.`,
  );
}

// An error may carry cancellations with it: Promise.any() gives an AggregateError, and a block whose `using` throws
// while it is left by an error a SuppressedError.
function without(error: unknown, isOurs: (origin: CancelScope) => boolean): unknown {
  try {
    return withoutOurs(error, isOurs);
  } catch {
    return error; // Its getters throw, or it holds itself.
  }
}

function withoutOurs(error: unknown, isOurs: (origin: CancelScope) => boolean): unknown {
  if (isProxy(error)) return error;
  if (error instanceof Cancelled) {
    const origin = origins.get(error);
    return origin !== undefined && isOurs(origin) ? noError : error;
  }
  if (error instanceof AggregateError) {
    const { errors } = error;
    return errors.length > 0 && every(errors, (one) => withoutOurs(one, isOurs) === noError)
      ? noError
      : error;
  }
  if (error instanceof Error && error.name === 'SuppressedError') {
    const both = error as SuppressedError;
    const thrown = withoutOurs(both.error, isOurs);
    const hidden = withoutOurs(both.suppressed, isOurs);
    if (thrown === noError) return hidden;
    if (hidden === noError) return thrown;
  }
  return error;
}

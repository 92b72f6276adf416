import { Cancelled } from './errors.js';

/** What a scope can interrupt: a wait of a parked task. */
export interface Cancellable {
  cancel(error: Cancelled): void;
}

/**
 * A region of work that can be cancelled as one. Cancelling is level-triggered: every suspension inside a
 * cancelled scope raises {@link Cancelled}, until the scope is left.
 * @see trio and anyio `CancelScope`
 */
export class CancelScope {
  readonly #parent: CancelScope | undefined;
  // Nearly every scope belongs to one task, which waits for one thing at a time: that needs no set.
  #wait: Cancellable | undefined;
  #otherWaits: Set<Cancellable> | undefined;
  #children: Set<CancelScope> | undefined;
  #shield = false;
  #reason: unknown;
  #cancelCalled = false;
  #controller: AbortController | undefined;

  /** @param parent - the scope whose cancellation reaches this one too */
  constructor(parent?: CancelScope) {
    this.#parent = parent;
  }

  /** True once {@link cancel} was called on this very scope. */
  get cancelCalled(): boolean {
    return this.#cancelCalled;
  }

  /** While true, cancellation of the enclosing scopes does not get in. Settable at any time. */
  get shield(): boolean {
    return this.#shield;
  }

  set shield(value: boolean) {
    this.#shield = value;
    if (!value && this.effectivelyCancelled) this.#deliver();
  }

  /** True if a suspension inside would raise {@link Cancelled}. */
  get effectivelyCancelled(): boolean {
    for (let scope: CancelScope | undefined = this; scope !== undefined; scope = scope.#parent) {
      if (scope.#cancelCalled) return true;
      if (scope.#shield) return false;
    }
    return false;
  }

  /** An AbortSignal that is aborted when the scope is cancelled, itself or from outside. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      this.#joinParent();
      if (this.effectivelyCancelled) this.#controller.abort(this.cancelledError());
    }
    return this.#controller.signal;
  }

  /** Cancels the work inside. Never a checkpoint; calling it again changes nothing. */
  cancel(reason?: unknown): void {
    if (this.#cancelCalled) return;
    this.#cancelCalled = true;
    this.#reason = reason;
    this.#deliver();
  }

  /** Raises {@link Cancelled} if the scope is cancelled. */
  throwIfCancelled(): void {
    if (this.effectivelyCancelled) throw this.cancelledError();
  }

  /** The error that a suspension inside raises now. */
  cancelledError(): Cancelled {
    for (let scope: CancelScope | undefined = this; scope !== undefined; scope = scope.#parent) {
      if (scope.#cancelCalled) return new Cancelled(scope.#reason);
    }
    return new Cancelled();
  }

  /** Enlists a wait to be cancelled with the scope. */
  addWait(wait: Cancellable): void {
    this.#joinParent();
    if (this.#wait === undefined) {
      this.#wait = wait;
    } else {
      this.#otherWaits ??= new Set();
      this.#otherWaits.add(wait);
    }
  }

  /** Strikes a wait off. */
  removeWait(wait: Cancellable): void {
    if (this.#wait === wait) this.#wait = undefined;
    else this.#otherWaits?.delete(wait);
    this.#leaveParent();
  }

  // A scope is known to its ancestors only while it has something to deliver to, so that finished ones are not kept.
  #joinParent(): void {
    const parent = this.#parent;
    if (parent === undefined || parent.#children?.has(this)) return;
    parent.#children ??= new Set();
    parent.#children.add(this);
    parent.#joinParent();
  }

  #leaveParent(): void {
    const parent = this.#parent;
    if (parent === undefined || this.#isInUse()) return;
    parent.#children?.delete(this);
    parent.#leaveParent();
  }

  #isInUse(): boolean {
    return (
      this.#wait !== undefined ||
      this.#controller !== undefined ||
      Boolean(this.#otherWaits?.size) ||
      Boolean(this.#children?.size)
    );
  }

  #deliver(): void {
    this.#controller?.abort(this.cancelledError());
    const waits = [...(this.#wait === undefined ? [] : [this.#wait]), ...(this.#otherWaits ?? [])];
    for (const wait of waits) wait.cancel(this.cancelledError());
    for (const child of [...(this.#children ?? [])]) if (!child.#shield) child.#deliver();
  }
}

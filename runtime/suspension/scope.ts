// Scopes and tasks as far as suspending needs them. The classes are CancelScope, in cancellation/, and Task, in tasks/.
import type { Cancelled } from '../base/errors.js';

/** A wait of a parked task, which a scope can interrupt. */
export interface Cancellable {
  cancel(error: Cancelled): void;
}

/** A region of work that can be cancelled as one. */
export interface Scope {
  /** The scope around it. */
  readonly parent: Scope | undefined;
  /** Raises {@link Cancelled} if the scope is cancelled. */
  throwIfCancelled(): void;
  /** The error that a suspension inside raises now. */
  cancelledError(): Cancelled;
  /** @internal True if {@link throwIfCancelled} would throw. Changes nothing at all: for code that was interrupted. */
  isOver(): boolean;
  /** @internal True for an error that is nothing but a cancellation which reaches this scope, or did before it was left. */
  isCancellation(error: unknown): boolean;
  /** @internal Enlists a wait to be cancelled with the scope. */
  addWait(wait: Cancellable): void;
  /** @internal Strikes a wait off. */
  removeWait(wait: Cancellable): void;
}

/** The task that a piece of work belongs to. */
export interface TaskInfo {
  /** Tells it from all others. */
  readonly id: number;
  /** The name of its function, for the dump of tasks. */
  readonly name: string;
  /** How long it ran before its suspensions, in nanoseconds, as far as that is known. */
  ranNs: number;
  /** How long its suspensions took that have ended, in nanoseconds. */
  waitedNs: number;
  /** Its number as a caller of other threads (threads/owner.ts); 0: it has none. */
  ownerId: number;
}

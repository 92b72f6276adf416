// `native()` and `patched()`: sections in which calls block, or suspend.
import { requireFunction } from '../base/errors.js';
import { CancelScope } from '../cancellation/cancel-scope.js';
import { Context, currentContext, ensureContext, type Mode, runOnStack } from '../suspension/context.js';
import { requireStack, requireStackToGive } from '../suspension/stack-room.js';
import { enterContextHere } from '../suspension/suspension.js';

/**
 * Has every patched function do what Node does: inside `fn`, and in whatever async work it starts. Nothing of another
 * task can run before a synchronous `fn` returns. Without `fn`, until the result is disposed: `using _ = aevent.native()`.
 * Not a checkpoint.
 * @see Python aevent `native`
 */
export function native<T>(fn: () => T): T;
export function native(): Disposable;
export function native<T>(fn?: () => T): T | Disposable {
  return inMode('native', fn);
}

/**
 * Undoes {@link native}: inside, patched functions suspend where something can be suspended.
 * @see Python aevent `patched`
 */
export function patched<T>(fn: () => T): T;
export function patched(): Disposable;
export function patched<T>(fn?: () => T): T | Disposable {
  return inMode('patched', fn);
}

function inMode<T>(mode: Mode, fn: (() => T) | undefined): T | Disposable {
  if (fn !== undefined) requireFunction(`${mode}()`, fn);
  ensureContext();
  requireStack();
  const before = currentContext();
  const inside =
    before?.withMode(mode) ?? new Context(CancelScope.within(undefined), undefined, mode, 'itself');
  return fn === undefined ? new ModeScope(before, inside) : runOnStack(inside, fn);
}

/** By the contexts that they have made. */
const scopes = new WeakMap<Context, ModeScope>();

/** A mode until it is disposed. Scopes may be disposed in any order: the innermost that is not decides. */
class ModeScope implements Disposable {
  readonly #before: Context | undefined;
  readonly #inside: Context;
  #disposed = false;

  constructor(before: Context | undefined, inside: Context) {
    this.#before = before;
    // One of its own, also where the mode is that already: it tells whose turn it is to be left.
    this.#inside = inside === before ? inside.withScope(inside.scope) : inside;
    scopes.set(this.#inside, this);
    enterContextHere(this.#inside);
  }

  /** Elsewhere than in the code that it holds for, which may be another task's by then, this changes nothing. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    requireStackToGive();
    this.#disposed = true;
    if (currentContext() === this.#inside) enterContextHere(this.#around());
  }

  #around(): Context | undefined {
    const scope = this.#before === undefined ? undefined : scopes.get(this.#before);
    return scope === undefined || !scope.#disposed ? this.#before : scope.#around();
  }
}

import { CancelScope } from './cancel-scope.js';
import { Context, currentContext, type Mode, runInContext } from './context.js';
import { ensureContext } from './make-context.js';
import { enterContextHere } from './suspension.js';

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
  ensureContext();
  const before = currentContext();
  const inside =
    before?.withMode(mode) ?? new Context(CancelScope.within(undefined), undefined, mode, 'itself');
  if (fn !== undefined) return runInContext(inside, fn);
  enterContextHere(inside);
  return {
    [Symbol.dispose](): void {
      enterContextHere(before);
    },
  };
}

// Checkpoints: where a cancelled task ends, and the event loop may turn.
import { contextWithin, runInContext } from '../suspension/context.js';
import { yieldToLoop } from '../suspension/suspension.js';
import { CancelScope, currentScope } from './cancel-scope.js';

/**
 * Lets others run: every other task and the event loop, once. A checkpoint.
 * @throws {@link Cancelled} in a cancelled scope; {@link NoPortalError} where nothing can be suspended
 * @see trio `checkpoint`
 */
export function checkpoint(): void {
  yieldToLoop('checkpoint');
}

/**
 * Raises {@link Cancelled} in a cancelled scope, and does nothing else: not a schedule point. Works anywhere.
 * @see trio `checkpoint_if_cancelled`
 */
export function checkpointIfCancelled(): void {
  currentScope()?.throwIfCancelled();
}

/**
 * Lets others run, as {@link checkpoint} does, but cannot be cancelled.
 * @throws {@link NoPortalError} where nothing can be suspended
 * @see trio `cancel_shielded_checkpoint`
 */
export function cancelShieldedCheckpoint(): void {
  uncancelled(() => yieldToLoop('cancelShieldedCheckpoint'));
}

/** Runs `fn` where no cancellation reaches it. */
export function uncancelled<T>(fn: () => T): T {
  return runInContext(contextWithin(CancelScope.within(undefined)), fn);
}

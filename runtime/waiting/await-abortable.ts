// Waits for a promise that an AbortSignal ends.
import { whenSettled } from '../base/primordials.js';
import { requirePortal } from '../suspension/portal.js';
import { suspend } from '../suspension/suspension.js';

/**
 * Suspends until a promise settles that can be told to give up: a cancelled task aborts the signal it was given.
 * @param what - names the wait in the task dump
 * @param given - another signal, of the caller's, that is passed on
 * @throws {@link NoPortalError} where nothing can be suspended; nothing was started then
 */
export function awaitAbortable<T>(
  what: string,
  start: (signal: AbortSignal) => Promise<T>,
  given?: AbortSignal | null,
): T {
  requirePortal(what);
  return suspend<T>(what, (wait) => {
    const controller = new AbortController();
    const signal = given == null ? controller.signal : AbortSignal.any([given, controller.signal]);
    whenSettled(start(signal), wait.resolve, wait.reject);
    return () => controller.abort();
  });
}

// aevent's own listeners on signals that programs make: they hear of the abort at once, where those of the program may have to
// wait for suspended code (monkey/kit/held-target.ts), which the abort may be meant to end.
const own = new WeakSet<object>();

/** Calls `aborted` when a signal is aborted that is not yet. @returns stops listening */
export function whenAborted(signal: AbortSignal, aborted: () => void): () => void {
  own.add(aborted);
  signal.addEventListener('abort', aborted, { once: true });
  return () => signal.removeEventListener('abort', aborted);
}

/** True for a listener that {@link whenAborted} has added. */
export const isOwnAbortListener = (listener: unknown): boolean =>
  typeof listener === 'function' && own.has(listener);

/** True for whatever `await` would wait for. */
export function isThenable<T>(value: unknown): value is PromiseLike<T> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

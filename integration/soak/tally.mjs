// Counts the work that is begun, and how it ended, so that nothing can get lost unnoticed.

/** By kind of work: begun, done, cancelled from outside, and wrong. */
export const counts = {};
/** Describes the failures. */
export const wrong = [];
/** The pieces of work that run: what they are, since when. */
export const running = new Map();

class Wrong extends Error {}

export function check(truth, what) {
  if (!truth) throw new Wrong(what);
}

/** Runs `fn`, which must throw an error with that code, or one with such a cause. */
export function expectError(code, fn) {
  try {
    fn();
  } catch (error) {
    // Cancelled, too, has a code, and passes.
    if ((error.code ?? error.cause?.code) !== code) throw error;
    return;
  }
  throw new Wrong(`an error ${code} was lost`);
}

export const pick = (list) => list[Math.floor(Math.random() * list.length)];
export const upTo = (most) => Math.floor(Math.random() * most);
/** True once in `n` times. */
export const oneIn = (n) => upTo(n) === 0;

/** Counts all ends of work so far. */
export const endedSoFar = () =>
  Object.values(counts).reduce((sum, { done, cancelled, wrong }) => sum + done + cancelled + wrong, 0);

/**
 * Runs one piece of work. What it throws is noted as wrong, but for what `isCancelled` says is a cancellation: that
 * is thrown on.
 */
export function attempt(kind, work, isCancelled) {
  counts[kind] ??= { begun: 0, done: 0, cancelled: 0, wrong: 0 };
  const count = counts[kind];
  count.begun++;
  const key = {};
  running.set(key, kind);
  try {
    work();
    count.done++;
  } catch (error) {
    if (isCancelled(error)) {
      count.cancelled++;
      throw error;
    }
    count.wrong++;
    wrong.push(
      `${kind}: ${error?.stack ?? error}${(error?.errors ?? []).map((each) => `\n  ${each?.stack}`)}`,
    );
  } finally {
    running.delete(key);
  }
}

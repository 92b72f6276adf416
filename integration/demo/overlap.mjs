/** Counts how many are inside at the same moment, and remembers the most there ever were. */
export class Overlap {
  #inside = 0;
  most = 0;

  enter() {
    this.#inside += 1;
    this.most = Math.max(this.most, this.#inside);
  }

  leave() {
    this.#inside -= 1;
  }

  /** Calls `fn`, and counts it as inside until it returns or its promise settles. */
  during(fn) {
    this.enter();
    let result;
    try {
      result = fn();
    } catch (error) {
      this.leave();
      throw error;
    }
    if (typeof result?.then === 'function') return result.finally(() => this.leave());
    this.leave();
    return result;
  }
}

// Whether calls of one kind are worth waiting for where they stand: the more of them took longer than that, the less often it is tried.

/** Most calls that are not waited for after one that took too long. */
const MOST_SKIPPED = 64;

/** How long calls of one kind take. */
export class Pace {
  #skip = 0;
  #skipNext = 1;

  /** Whether the next call is likely to end soon. */
  isFast(): boolean {
    if (this.#skip === 0) return true;
    this.#skip--;
    return false;
  }

  /** Tells whether a call that was waited for has ended in that time. */
  note(hasEnded: boolean): void {
    if (hasEnded) this.#skipNext = 1;
    else {
      this.#skipNext = Math.min(2 * this.#skipNext, MOST_SKIPPED);
      this.#skip = this.#skipNext;
    }
  }
}

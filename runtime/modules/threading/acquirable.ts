/** Things that are acquired and released: locks, conditions, semaphores. */
export abstract class Acquirable {
  /** See the classes. */
  abstract acquire(blocking?: boolean, timeoutMs?: number): boolean;
  abstract acquireAsync(timeoutMs?: number): Promise<boolean>;
  abstract release(): void;

  /**
   * Acquires until the end of a block: `using _ = lock.hold();`. A checkpoint if it has to wait.
   * @returns what releases it, once
   * @see CPython "Using locks, conditions, and semaphores in the with statement"
   */
  hold(): Disposable {
    this.acquire();
    return new Hold(this);
  }

  /** The same in async code: `using _ = await lock.holdAsync();`. */
  async holdAsync(): Promise<Disposable> {
    await this.acquireAsync();
    return new Hold(this);
  }
}

class Hold implements Disposable {
  #held: Acquirable | undefined;

  constructor(held: Acquirable) {
    this.#held = held;
  }

  [Symbol.dispose](): void {
    const held = this.#held;
    this.#held = undefined;
    held?.release();
  }
}

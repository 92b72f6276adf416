// The part that emitters and EventTargets share whose events wait for suspended pieces; see held-events.ts for the rules.
import { find, includes, indexOf, push, splice } from '../../runtime/base/primordials.js';

/** Something that waits for a piece. */
export interface Waiting {
  readonly held: Held;
  /** The event that it is. */
  readonly event?: string | symbol;
  /**
   * True if a listener waits for it by now.
   * @param bounded - the piece that it waits for is suspended in a call that this can have nothing to do with
   */
  isDue(bounded: boolean): boolean;
  give(): void;
  /** The same for listeners that are added after it was given, if there may be any. */
  forLater?(): Waiting | undefined;
}

/** The queue of one piece, in which events wait (held-queue.ts). */
export interface Keeper {
  readonly hasEnded: boolean;
  readonly isSuspended: boolean;
  readonly stillWaits: boolean;
  readonly isBounded: boolean;
  readonly paused: Set<{ resume(): void }>;
  keep(waiting: Waiting, args?: readonly unknown[], heard?: boolean): boolean;
  drop(kept: Waiting): void;
  holdsForAll(event: string | symbol): boolean;
  keepsForLater(event: string | symbol): boolean;
  losePatienceSoon(): void;
  giveDueSoon(): void;
  giveDueOf(held: Held, passes: boolean): void;
  giveAllOf(held: Held): void;
  moveTo(keeper: Keeper, held: Held): void;
}

/** An emitter or EventTarget that suspended pieces have made or were given. */
export abstract class Held {
  /** How many things wait. */
  waiting = 0;
  protected readonly owners: Keeper[] = [];

  /** @returns false if it was before */
  ownedBy(queue: Keeper): boolean {
    if (includes(this.owners, queue)) return false;
    push(this.owners, queue);
    return true;
  }

  disownedBy(queue: Keeper): void {
    const index = indexOf(this.owners, queue);
    if (index >= 0) splice(this.owners, index, 1);
    if (this.owners.length > 0) this.cover();
    else this.uncover();
  }

  /** The first owner whose piece has not ended, if any. */
  get keeper(): Keeper | undefined {
    return find(this.owners, (owner) => !owner.hasEnded);
  }

  /** Comes between it and its listeners. */
  abstract cover(): void;

  /** Leaves it as it was. */
  abstract uncover(): void;

  /** To be called when something begins to wait. */
  watchListeners(): void {}
}

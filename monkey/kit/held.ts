// The part that emitters and EventTargets share whose events wait for suspended pieces; see held-events.ts for the rules.
import { each, includes, indexOf, push, splice } from '../../runtime/base/primordials.js';

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

  /**
   * Gives the queue in which an event has to wait, with all that waits already; undefined if the event need not wait: then all
   * that waits was given.
   * @param goesBy - the event never waits
   */
  protected queueFor(goesBy = false): Keeper | undefined {
    const queue = this.keeper;
    if (goesBy || !queue?.isSuspended) {
      this.giveAll();
      return undefined;
    }
    for (const owner of each(this.owners)) if (owner !== queue) owner.moveTo(queue, this);
    return queue;
  }

  /**
   * Gives an event to the listeners that are there, after those that wait and are due.
   * @param kept - what waits for later listeners; dropped if a listener has settled the wait of the piece
   * @param passes - see {@link Keeper.giveDueOf}
   */
  protected giveNow<T>(queue: Keeper, kept: Waiting | undefined, passes: boolean, give: () => T): T {
    queue.giveDueOf(this, passes);
    const { stillWaits } = queue;
    const result = give();
    if (kept !== undefined && stillWaits && !queue.stillWaits) queue.drop(kept);
    return result;
  }

  protected giveAll(): void {
    for (const owner of each(this.owners)) owner.giveAllOf(this);
  }

  /** To be called when a listener was added that may take what waits. */
  protected giveDueSoon(): void {
    for (const owner of each(this.owners)) owner.giveDueSoon();
  }

  /**
   * The owner in whose queue an event has to wait, of those whose pieces have not ended: the first that is suspended in a call
   * which ends by itself, else the first. A piece that only waits for what another one does would let the event by.
   */
  get keeper(): Keeper | undefined {
    let first: Keeper | undefined;
    for (const owner of each(this.owners)) {
      if (owner.hasEnded) continue;
      if (owner.isSuspended && owner.isBounded) return owner;
      first ??= owner;
    }
    return first;
  }

  /** Comes between it and its listeners. */
  abstract cover(): void;

  /** Leaves it as it was. */
  abstract uncover(): void;

  /** To be called when something begins to wait. */
  watchListeners(): void {}
}

// The part that emitters and EventTargets share whose events wait for suspended pieces; see held-events.ts for the rules.
import { each, find, includes, indexOf, push, some, splice } from '../../runtime/base/primordials.js';
import type { Flowing } from './stopped-streams.js';

/** With so many events waiting for their turn, the next one is no longer put behind them: they are given at once. */
const MOST_GIVEN = 64;

/** The events of an emitter that wait for a piece, most first. */
export const Hold = {
  /** Its listener is the piece, which is suspended where plain Node blocks: all, however long that takes. */
  inOrder: 0,
  /** It has made it, or was given it. */
  all: 1,
  /** The piece before it had. Other code of the same work may read the stream meanwhile, and must get all its bytes. */
  noBytes: 2,
  /** Its listener is the piece. Only those that no listener hears; of the last ones, all for listeners that are added later. */
  unheard: 3,
  /**
   * The code before it has made it, which may be other code. Listeners that are there get an event at once, and bytes do not wait. The
   * others are for listeners that the piece adds when it goes on: no other code gets them late.
   */
  left: 4,
} as const;
export type Hold = (typeof Hold)[keyof typeof Hold];

/** More than any {@link Keeper.howOf}. */
const LEAST_BOUND = 8;

/** Something that waits for a piece. */
export interface Waiting {
  readonly held: Held;
  /** The event that it is. */
  readonly event?: string | symbol | undefined;
  /**
   * True if a listener waits for it by now.
   * @param bounded - the piece that it waits for is suspended in a call that this can have nothing to do with
   */
  isDue(bounded: boolean): boolean;
  /** True if a listener would get it by now, Node's own included. */
  isHeard(): boolean;
  /** True for an event that other listeners have got. */
  readonly wasHeard?: boolean;
  /** True for a listener of an event that others have got, of which one is suspended: it is called as soon as that has ended. */
  readonly isNext?: boolean;
  /** From now on, those that listen now are no late listeners. */
  renew(): void;
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
  /** Notes that a stream was stopped, whose events `held` brings. */
  hasStopped(stream: Flowing, held: Held): void;
  keep(waiting: Waiting, args?: readonly unknown[], heard?: boolean): boolean;
  howOf(held: Held): Hold;
  holdsForAll(held: Held, event: string | symbol): boolean;
  /** True while the piece is a listener of it, and suspended where plain Node blocks. */
  keepsOrderOf(held: Held): boolean;
  keepsForLater(held: Held, event: string | symbol): boolean;
  losePatienceSoon(held: Held): void;
  giveDueSoon(): void;
  giveDueOf(held: Held, passes: boolean): void;
  giveAllOf(held: Held): void;
  /** True if something of it waits: that event, if one is named. */
  has(held: Held, event?: string | symbol): boolean;
  moveTo(keeper: Keeper, held: Held): void;
  /** Takes back what of it waits and was not given, in order. */
  take(held: Held, isTaken: (waiting: Waiting) => boolean): readonly Waiting[];
}

/** An emitter or EventTarget that suspended pieces have made or were given. */
export abstract class Held {
  /** The emitter, or EventTarget. */
  abstract readonly thing: object;
  /** True if its other listeners do not get an event when one of them throws. */
  abstract readonly endsByError: boolean;
  /** Another one, before whose events its own must not come: the session of a stream of HTTP/2. */
  follows: Held | undefined;
  /** How many things wait. */
  waiting = 0;
  protected readonly owners: Keeper[] = [];

  /** The queues that it belongs to. */
  get queues(): readonly Keeper[] {
    return this.owners;
  }

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
   * The queue of a piece that has ended, where an event comes last: each of those before it is followed by the microtasks of the code
   * that has waited for it by `await`, and adds listeners. Undefined if none waits, or too many, or another piece keeps them.
   */
  protected get giving(): Keeper | undefined {
    if (this.waiting === 0 || this.waiting > MOST_GIVEN || this.keeper !== undefined) return undefined;
    return find(this.owners, (owner) => owner.has(this));
  }

  /**
   * Gives the queue in which an event has to wait, with all that waits already; undefined if the event need not wait: then all
   * that waits was given.
   */
  protected queueFor(): Keeper | undefined {
    let queue = this.keeper;
    if (!queue?.isSuspended) {
      this.giveAll();
      // A listener that got one may be suspended in turn.
      queue = this.keeper;
      if (!queue?.isSuspended) return undefined;
    }
    this.#gatherIn(queue);
    return queue;
  }

  /**
   * Gives the queue for something that comes after all that waits, and must wait itself: that of the piece which keeps it, with all
   * that waits already, or the one in which something waits.
   */
  protected lastQueue(): Keeper | undefined {
    const { keeper } = this;
    if (keeper !== undefined) this.#gatherIn(keeper);
    return keeper ?? find(this.owners, (owner) => owner.has(this));
  }

  #gatherIn(queue: Keeper): void {
    for (const owner of each(this.owners)) if (owner !== queue) owner.moveTo(queue, this);
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
    if (kept !== undefined && stillWaits && !queue.stillWaits) queue.take(this, (one) => one === kept);
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
   * The owner in whose queue an event has to wait, of those whose pieces have not ended: one that is suspended in a call which ends
   * by itself, since a piece that only waits for what another one does would let the event by; of these the one for which most
   * events wait, and the first.
   */
  get keeper(): Keeper | undefined {
    let found: Keeper | undefined;
    let least = 0;
    // A piece to which it was only left counts if it belongs to no other.
    const belongs = some(this.owners, (owner) => owner.howOf(this) < Hold.left);
    for (const owner of each(this.owners)) {
      if (owner.hasEnded || (belongs && owner.howOf(this) >= Hold.left)) continue;
      const rank = this.#rankOf(owner);
      if (found !== undefined && rank >= least) continue;
      found = owner;
      least = rank;
    }
    return found;
  }

  #rankOf(owner: Keeper): number {
    return (owner.isSuspended && owner.isBounded ? 0 : LEAST_BOUND) + owner.howOf(this);
  }

  /** Has it bring no more events, if it can be stopped. */
  stop(_: Keeper): void {}

  /** Comes between it and its listeners. */
  abstract cover(): void;

  /** Leaves it as it was. */
  abstract uncover(): void;

  /** To be called when something of it begins to wait. */
  entered(_: Waiting): void {
    this.waiting++;
  }

  /** To be called when that does not wait any more. */
  left(_: Waiting): void {
    this.waiting--;
  }
}

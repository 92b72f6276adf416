// The part that emitters and EventTargets share whose events wait for suspended pieces; see held-events.ts for the rules.
import { each, every, filter } from '../../runtime/base/primordials.js';
import { currentCarrier } from '../../runtime/suspension/native-core.js';
import { isInTick } from '../../runtime/suspension/ticks.js';
import type { ChunkScopes } from './chunk-scopes.js';
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
/** More than any rank: that of a piece that has ended. */
const NO_RANK = 2 * LEAST_BOUND;

/** An owner as one that may keep the events. */
interface Standing {
  rank: number;
  belongs: boolean;
}

/** True for lists of the same values. */
export const areSame = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && every(one, (value, at) => value === other[at]);

/** Something that waits for a piece. */
export interface Waiting {
  readonly held: Held;
  /** The event that it is. */
  readonly event?: string | symbol | undefined;
  /**
   * True if a listener waits for it by now.
   * @param bounded - the piece that it waits for is suspended in a call that this can have nothing to do with
   * @param blocks - that piece is suspended where plain Node blocks
   */
  isDue(bounded: boolean, blocks: boolean): boolean;
  /** True if a listener would get it by now, Node's own included. */
  isHeard(): boolean;
  /** True for an event that other listeners have got. */
  readonly wasHeard?: boolean;
  /** True for one that Node's own listeners have got. */
  readonly isKnownToNode?: boolean;
  /** True for an event or work that comes, in plain Node, after the bytes which came with it. */
  readonly followsBytes?: boolean;
  /** True for a listener of an event that others have got, of which one is suspended: it is called as soon as that has ended. */
  readonly isNext?: boolean;
  /**
   * True if it is due exactly when `before` is, which belongs to the same emitter: they need not both be asked. Also after both have been
   * told to {@link renew}.
   */
  isAlike?(before: Waiting): boolean;
  /** From now on, those that listen now are no late listeners. */
  renew(): void;
  give(): void;
  /** The same for listeners that are added after it was given, if there may be any. */
  forLater?(): Waiting | undefined;
}

/** The queue of one piece, in which events wait (held-queue.ts). */
export interface Keeper {
  readonly hasEnded: boolean;
  /** True while it calls the other listeners of an event that one has got, before all that has come since. */
  readonly isCallingNext: boolean;
  readonly isSuspended: boolean;
  readonly stillWaits: boolean;
  readonly isBounded: boolean;
  /** True if its piece is, or was last, suspended where plain Node blocks. */
  readonly blocks: boolean;
  /** Notes that a stream was stopped, whose events `held` brings. */
  hasStopped(stream: Flowing, held: Held): void;
  /** Has nothing more be read by the connections of its piece, if that is suspended where plain Node blocks. */
  stopConnections(): void;
  /** Notes that the program has had a stream flow: what it emits comes in the async context of now. */
  flowsHere(stream: object): void;
  keep(waiting: Waiting, args?: readonly unknown[], heard?: boolean): boolean;
  howOf(held: Held): Hold;
  holdsForAll(held: Held, event: string | symbol): boolean;
  /** True while the piece is a listener of it, and suspended where plain Node blocks. */
  keepsOrderOf(held: Held): boolean;
  keepsForLater(held: Held, event: string | symbol): boolean;
  losePatienceSoon(held: Held): void;
  giveDueSoon(): void;
  giveDueOf(held: Held, passes: boolean): void;
  giveAllOf(held: Held, flows: boolean): void;
  /** True if its piece has ended, and something waits of it or its kin. */
  hasKin(held: Held): boolean;
  /** True if something of it waits: that event, if one is named. */
  has(held: Held, event?: string | symbol): boolean;
  moveTo(keeper: Keeper, held: Held): void;
  /** Has those of it wait no longer, and not be given. */
  take(held: Held, isTaken: (waiting: Waiting) => boolean): void;
}

/** An emitter or EventTarget that suspended pieces have made or were given. */
export abstract class Held {
  /** The emitter, or EventTarget. */
  abstract readonly thing: object;
  /** True if its other listeners do not get an event when one of them throws. */
  abstract readonly endsByError: boolean;
  /** Of a stream that was stopped, the async contexts of the chunks that were pushed since. */
  chunkScopes: ChunkScopes | undefined;
  /** How many things wait. */
  waiting = 0;
  /** The carrier on which something of it is given just now. */
  givenOn: number | undefined;
  /** The queues that it belongs to. There may be thousands, and an event looks for one of them. */
  readonly #owners: Map<Keeper, Standing> = new Map();
  /** Those whose pieces have ended. */
  readonly #ended: Set<Keeper> = new Set();
  /** By rank, how many of them have it. */
  readonly #ranked: number[] = [];
  /** How many it belongs to, rather than was only left to. */
  #belonging = 0;

  get owners(): Iterable<Keeper> {
    return this.#owners.keys();
  }

  /** Nearly always one, of thousands maybe. */
  get #endedOwners(): Iterable<Keeper> {
    if (this.#ended.size < 2) return this.#ended;
    return each(filter([...this.owners], (owner) => this.#ended.has(owner)));
  }

  /** @returns false if it was before */
  ownedBy(queue: Keeper): boolean {
    if (this.#owners.has(queue)) return false;
    const standing = { rank: NO_RANK, belongs: false };
    this.#owners.set(queue, standing);
    this.#count(standing, 1);
    return true;
  }

  disownedBy(queue: Keeper): void {
    const standing = this.#owners.get(queue);
    if (standing !== undefined) {
      this.#count(standing, -1);
      this.#owners.delete(queue);
      this.#ended.delete(queue);
    }
    if (this.#owners.size > 0) this.cover();
    else this.uncover();
  }

  /** To be called when a thing has changed by which {@link keeper} chooses: an owner is bounded, or is no longer, has ended, or holds it in another way. */
  ranks(queue: Keeper): void {
    const standing = this.#owners.get(queue);
    if (standing === undefined) return;
    this.#count(standing, -1);
    standing.rank = queue.hasEnded ? NO_RANK : this.#rankOf(queue);
    standing.belongs = queue.howOf(this) < Hold.left;
    this.#count(standing, 1);
    if (queue.hasEnded) this.#ended.add(queue);
  }

  #count({ rank, belongs }: Standing, change: 1 | -1): void {
    this.#ranked[rank] = (this.#ranked[rank] ?? 0) + change;
    if (belongs) this.#belonging += change;
  }

  #rankOf(owner: Keeper): number {
    return (owner.isSuspended && owner.isBounded ? 0 : LEAST_BOUND) + owner.howOf(this);
  }

  /** An owner in whose queue something of it waits: that event, if one is named. */
  protected ownerThatHas(event?: string | symbol): Keeper | undefined {
    for (const owner of this.owners) if (owner.has(this, event)) return owner;
    return undefined;
  }

  /** True for code that is called by an event which is given: the events that it emits come before those that wait. */
  protected get isBeingGiven(): boolean {
    return this.givenOn !== undefined && (this.givenOn === 0 || this.givenOn === currentCarrier());
  }

  /**
   * The queue of a piece that has ended, where an event comes last: each of those before it is followed by the microtasks of the code
   * that has waited for it by `await`, and adds listeners. Undefined if none waits, or too many, or another piece keeps them.
   */
  protected get giving(): Keeper | undefined {
    if (this.#owners.size === 0 || this.waiting > MOST_GIVEN || this.keeper !== undefined) return undefined;
    if (this.isBeingGiven) return undefined;
    if (this.waiting > 0) return this.ownerThatHas();
    // Events that follow from one that was given come before the next one.
    for (const owner of this.owners) if (owner.hasKin(this)) return isInTick() ? undefined : owner;
    return undefined;
  }

  /**
   * Gives the queue in which an event has to wait, with all that waits already; undefined if the event need not wait: then all
   * that waits was given.
   * @param flows - true for an event by which bytes come
   */
  protected queueFor(flows = false): Keeper | undefined {
    let queue = this.keeper;
    if (!queue?.isSuspended) {
      if (this.isBeingGiven) return undefined;
      this.giveAll(flows);
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
    return keeper ?? this.ownerThatHas();
  }

  #gatherIn(queue: Keeper): void {
    for (const owner of this.#endedOwners) if (owner !== queue) owner.moveTo(queue, this);
  }

  /**
   * Gives an event to the listeners that are there, after those that wait and are due.
   * @param kept - the event, as it waits for later listeners; dropped if a listener has settled the wait of the piece
   * @param passes - see {@link Keeper.giveDueOf}
   */
  protected giveNow<T>(queue: Keeper, kept: Waiting | undefined, passes: boolean, give: () => T): T {
    queue.giveDueOf(this, passes);
    const { stillWaits } = queue;
    const result = give();
    if (kept !== undefined && stillWaits && !queue.stillWaits) queue.take(this, (one) => one === kept);
    return result;
  }

  protected giveAll(flows = false): void {
    for (const owner of this.#endedOwners) owner.giveAllOf(this, flows);
  }

  /** To be called when a listener was added that may take an event which waits. */
  protected giveDueSoon(): void {
    for (const owner of this.owners) owner.giveDueSoon();
  }

  /**
   * The owner in whose queue an event has to wait, of those whose pieces have not ended: one that is suspended in a call which ends
   * by itself, since a piece that only waits for an act of another one would let the event by; of these the one for which most
   * events wait, and the first.
   */
  get keeper(): Keeper | undefined {
    for (let rank = 0; rank < NO_RANK; rank++) {
      if ((this.#ranked[rank] ?? 0) === 0) continue;
      // A piece to which it was only left counts if it belongs to no other.
      if (rank % LEAST_BOUND === Hold.left && this.#belonging > 0) continue;
      for (const owner of this.owners) if (this.#owners.get(owner)?.rank === rank) return owner;
    }
    return undefined;
  }

  /** True for a stream that flows to listeners of the program's. */
  get hasReader(): boolean {
    return false;
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

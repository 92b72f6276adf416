// The events and callbacks that wait for one suspended piece, in order; see held-events.ts for the rules.
import type { EventEmitter } from 'node:events';
import { globals } from '../../runtime/base/builtins.js';
import {
  each,
  exec,
  filter,
  push,
  resolved,
  shift,
  slice,
  whenSettled,
} from '../../runtime/base/primordials.js';
import { endsByItself, endsSoon, type Piece, type PieceWait } from '../../runtime/suspension/pieces.js';
import { counters } from '../../runtime/suspension/suspension.js';
import { HeldEmitter, type Keeper, type Waiting } from './held-emitter.js';

/** How much waits at most for one piece: it may never end. Events beyond go to who listens. */
const MOST = 65_536;
/** The same, of events that have a listener already. */
const MOST_HEARD = 1024;

/** For so long an event waits for listeners that are yet to come, though others are there: the piece may wait for these. */
const PATIENCE_MS = 2000;
/** Events by which a child that the piece waits for may ask something of it. */
const ASKED = new Set<string | symbol>([
  'connection',
  'secureConnection',
  'session',
  'stream',
  'request',
  'upgrade',
  'checkContinue',
  'checkExpectation',
]);

interface Entry {
  readonly waiting: Waiting;
  /** Things of one batch came with no microtasks in between. */
  readonly batch: number;
}

const settled = resolved();
let batch = 0;
let batchIsOpen = false;

function currentBatch(): number {
  if (!batchIsOpen) {
    batch++;
    batchIsOpen = true;
    void whenSettled(settled, () => {
      batchIsOpen = false;
    });
  }
  return batch;
}

/** Belongs to one piece. */
export class HeldQueue implements Keeper {
  hasEnded = false;
  /** Streams that were told to pause, since no listener takes their data. */
  readonly paused: Set<{ resume(): void }> = new Set();
  readonly #piece: Piece;
  readonly #isEmitter: (value: unknown) => value is EventEmitter;
  readonly #emitters = new Set<HeldEmitter>();
  #entries: Entry[] = [];
  #heard = 0;
  #willGive = false;
  #wait: PieceWait | undefined;
  #isPatient = true;
  #patience: NodeJS.Timeout | undefined;

  constructor(piece: Piece, isEmitter: (value: unknown) => value is EventEmitter) {
    this.#piece = piece;
    this.#isEmitter = isEmitter;
  }

  get isSuspended(): boolean {
    return this.#piece.suspended;
  }

  /** Has the events of an emitter wait. */
  hold(emitter: EventEmitter, child?: EventEmitter): void {
    const held = HeldEmitter.of(emitter);
    held.child ??= child;
    held.ownedBy(this);
    this.#emitters.add(held);
    held.cover();
  }

  suspended(wait: PieceWait): void {
    this.#wait = wait;
    this.giveDueSoon();
  }

  /** True until something has happened that the piece waited for. */
  get stillWaits(): boolean {
    return this.#wait?.pending === true;
  }

  /** True while its piece is suspended in a call that ends whatever becomes of what it has made. */
  get isBounded(): boolean {
    return this.#wait !== undefined && endsSoon(this.#wait.what);
  }

  /**
   * True for an event that listeners which are there get only when the piece has ended, as in plain Node: the call that
   * the piece is suspended in ends without it.
   */
  holdsForAll(event: string | symbol): boolean {
    return this.#isPatient && this.#endsWithout(event);
  }

  /** True for such an event if they get it sooner: those that are added later get it, too. */
  hasLostPatience(event: string | symbol): boolean {
    return !this.#isPatient && this.#endsWithout(event);
  }

  #endsWithout(event: string | symbol): boolean {
    const wait = this.#wait;
    if (wait === undefined || !endsByItself(wait.what)) return false;
    if (exec(/^sleepSync\b/, wait.what) !== null) return false;
    return exec(/^(child process|Atomics)/, wait.what) === null || !ASKED.has(event);
  }

  /** Has what listeners are there for be given to them though the piece has not ended, if that takes too long. */
  losePatienceSoon(): void {
    this.#patience ??= globals
      .setTimeout(() => {
        this.#isPatient = false;
        this.giveDueSoon();
      }, PATIENCE_MS)
      .unref();
  }

  goesOn(): void {
    for (const held of this.#emitters) held.uncover();
    for (const stream of this.paused) stream.resume();
    this.paused.clear();
  }

  ended(): void {
    this.hasEnded = true;
    globals.clearTimeout(this.#patience);
    if (this.#entries.length === 0) this.#release();
    else {
      for (const held of this.#emitters) held.cover();
      globals.nextTick(() => this.#giveNext());
    }
  }

  /** Has something wait; false if too much does. */
  keep(waiting: Waiting, args: readonly unknown[] = [], heard = false): boolean {
    if (this.#entries.length >= MOST || (heard && this.#heard >= MOST_HEARD)) return false;
    if (heard) this.#heard++;
    counters.eventsHeld++;
    push(this.#entries, { waiting, batch: currentBatch() });
    waiting.held.waiting++;
    waiting.held.watchListeners();
    // An emitter that comes with an event begins with it.
    for (const arg of each(args)) if (this.#isEmitter(arg)) this.hold(arg);
    return true;
  }

  /** Takes back what was kept. */
  drop(kept: Waiting): void {
    kept.held.waiting--;
    this.#entries = filter(this.#entries, ({ waiting }) => waiting !== kept);
  }

  /** Gives the events that have a listener by now, in a tick. */
  giveDueSoon(): void {
    if (this.#willGive || this.#entries.length === 0) return;
    this.#willGive = true;
    globals.nextTick(() => {
      this.#willGive = false;
      if (this.hasEnded || !this.isSuspended) return;
      let done = false;
      try {
        this.#giveWhere(({ waiting }) => this.#isDue(waiting));
        done = true;
      } finally {
        if (!done) this.giveDueSoon();
      }
    });
  }

  /** The same of one emitter, at once: it emits something else, which the program hears if `passes`. */
  giveDueOf(held: HeldEmitter, passes: boolean): void {
    if (held.waiting > 0)
      this.#giveWhere(({ waiting }) => waiting.held === held && this.#isDue(waiting, passes));
  }

  #isDue(waiting: Waiting, atOnce = false): boolean {
    if (!atOnce && waiting.event !== undefined && this.holdsForAll(waiting.event)) return false;
    return waiting.isDue(this.isBounded);
  }

  /** All of one emitter: its piece has ended. */
  giveAllOf(held: HeldEmitter): void {
    if (this.hasEnded && held.waiting > 0) this.#giveWhere(({ waiting }) => waiting.held === held);
  }

  /** Hands over what waits of one emitter: to the queue of a piece that has not ended. */
  moveTo(queue: HeldQueue, held: HeldEmitter): void {
    if (!this.hasEnded) return;
    const moved = filter(this.#entries, ({ waiting }) => waiting.held === held);
    this.#entries = filter(this.#entries, ({ waiting }) => waiting.held !== held);
    for (const entry of each(moved)) push(queue.#entries, entry);
  }

  #giveWhere(isGiven: (entry: Entry) => boolean): void {
    const entries = this.#entries;
    const kept: Entry[] = [];
    let given = 0;
    this.#entries = [];
    try {
      for (const entry of each(entries)) {
        given++;
        if (isGiven(entry)) this.#give(entry);
        else push(kept, entry);
      }
    } finally {
      this.#entries = [...each(kept), ...each(slice(entries, given)), ...each(this.#entries)];
    }
  }

  #give({ waiting }: Entry): void {
    waiting.held.waiting--;
    if (!this.hasEnded && waiting.event !== undefined && this.hasLostPatience(waiting.event)) {
      const later = waiting.forLater?.();
      if (later !== undefined) this.keep(later);
    }
    waiting.give();
  }

  #giveNext(): void {
    const entry = shift(this.#entries);
    if (entry === undefined) {
      this.#release();
      return;
    }
    const next = this.#entries[0];
    const soon = next === undefined || next.batch === entry.batch ? globals.nextTick : globals.setImmediate;
    soon(() => this.#giveNext());
    // A listener that it was given to first is suspended in turn.
    const keeper = entry.waiting.held.keeper as HeldQueue | undefined;
    if (keeper === undefined) this.#give(entry);
    else {
      push(keeper.#entries, entry);
      keeper.giveDueSoon();
    }
  }

  #release(): void {
    for (const held of this.#emitters) held.disownedBy(this);
    this.#emitters.clear();
  }
}

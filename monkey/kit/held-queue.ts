// The events and callbacks that wait for one suspended piece, in order; see held-events.ts for the rules. More than 400 lines, since it is one
// class whose private state all its methods share.
import type { Readable } from 'node:stream';
import { asyncScopeHere } from '../../runtime/base/async-scope.js';
import { globals } from '../../runtime/base/builtins.js';
import {
  each,
  exec,
  filter,
  map,
  push,
  resolved,
  shift,
  slice,
  some,
  whenSettled,
} from '../../runtime/base/primordials.js';
import { type Left, leaveTo } from '../../runtime/suspension/left-behind.js';
import { isOnCarrier } from '../../runtime/suspension/native-core.js';
import type { Piece } from '../../runtime/suspension/pieces.js';
import { counters } from '../../runtime/suspension/suspension.js';
import { endsByItself, endsSoon, type PieceWait } from '../../runtime/suspension/wait-kinds.js';
import { type Held, Hold, type Keeper, type Waiting } from './held.js';
import { comesApart } from './serving.js';
import { type Flowing, flow, letFlow, read, stopReading } from './stopped-streams.js';

/** So many events wait at most for one piece: it may never end. Those beyond go to the listeners that are there. */
const MOST = 65_536;
/** The same, of events that have a listener already. */
const MOST_HEARD = 1024;
/** So many emitters of a piece are held at least, the last that it has made: each suspension looks at them. */
const MOST_MADE = 256;

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

const BYTES = new Set<string | symbol>(['data', 'readable', 'keypress']);
/** Come once, after all others. */
const LAST = new Set<string | symbol>(['error', 'end', 'finish', 'exit', 'close']);

/** How the emitters that it holds are left to the microtasks after a piece. */
const LEFT: Readonly<Record<Hold, Left | undefined>> = {
  [Hold.inOrder]: 'inOrder',
  [Hold.all]: 'awaited',
  [Hold.noBytes]: 'awaited',
  [Hold.unheard]: undefined,
  [Hold.left]: 'made',
};

interface Entry {
  readonly waiting: Waiting;
  /** Things of one batch came with no microtasks in between. */
  readonly batch: number;
  /** It is an event that listeners have got, and waits for later ones. */
  readonly heard: boolean;
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

/** The queue whose event is given: a piece that is suspended meanwhile has got it. */
let giver: HeldQueue | undefined;
/** By an emitter, the queue that lets it go on: the same. */
const givers = new Map<object, HeldQueue>();

/** A stream that was stopped. */
interface Stopped {
  readonly stream: Flowing;
  /** The emitter that brings its events. */
  readonly held: Held;
  /** Has the stores of that moment. */
  readonly inScope: (fn: () => void) => void;
}

/** Belongs to one piece. */
export class HeldQueue implements Keeper {
  hasEnded = false;
  readonly #stopped: Map<Flowing, Stopped> = new Map();
  /** Sockets that were stopped from reading. */
  #notReading: object[] = [];
  /** True if they may not have read yet the bytes that came meanwhile. */
  #isUnread = false;
  /** Those that flow again as soon as the piece ends. */
  #flowing: Stopped[] = [];
  /** How many do so just now. */
  #flows = 0;
  readonly #piece: Piece;
  readonly #heldOf: (value: unknown) => Held | undefined;
  /** Weakly: a piece may go on for ever, and make new ones. */
  #held: WeakRef<Held>[] = [];
  readonly #how = new WeakMap<Held, Hold>();

  #entries: Entry[] = [];
  /** The queues of pieces that were suspended in a listener of an event that has waited here. */
  #heirs: HeldQueue[] = [];
  #willGive = false;
  #wait: PieceWait | undefined;
  /** True if its piece is, or was last, suspended where plain Node blocks. */
  #blocks = false;
  #isPatient = true;
  #patience: NodeJS.Timeout | undefined;

  constructor(piece: Piece, heldOf: (value: unknown) => Held | undefined) {
    this.#piece = piece;
    this.#heldOf = heldOf;
  }

  get isSuspended(): boolean {
    return this.#piece.suspended;
  }

  /**
   * Has the events of an emitter or EventTarget wait.
   * @param how - if it is held in several ways, the one by which most wait
   */
  hold(held: Held, how: Hold = Hold.all): void {
    const isNew = held.ownedBy(this);
    if (isNew || how < this.howOf(held)) this.#how.set(held, how);
    if (isNew) {
      push(this.#held, new WeakRef(held));
      if (this.#held.length >= 2 * MOST_MADE) this.#forgetOldest();
    }
    // Code that has waited for a later event by `await` was not there when these came. Events that wait for a piece that has ended are
    // given in order: they came after the one that such code has waited for.
    if (isNew && how === Hold.noBytes && held.waiting > 0)
      for (const other of each(held.queues as HeldQueue[]))
        if (!other.hasEnded && other.howOf(held) === Hold.left)
          other.take(held, ({ event }) => event !== 'error');
    if (how === Hold.inOrder) held.stop(this);
    held.cover();
  }

  suspended(wait: PieceWait): void {
    this.#wait = wait;
    this.#blocks = this.#piece.blocks;
    // Those that are not stopped again.
    this.#flow();
    if (giver !== undefined && giver !== this) push(giver.#heirs, this);
    for (const emitter of this.#piece.inOrderOf) {
      const from = givers.get(emitter);
      if (from !== undefined && from !== this) push(from.#heirs, this);
    }
    // Also those that came with a kept event in an earlier wait: the events that follow must not overtake those that are kept.
    for (const ref of each(this.#held)) ref.deref()?.cover();
    this.giveDueSoon();
  }

  /** True until something has happened that the piece waited for. */
  get stillWaits(): boolean {
    return this.#wait?.pending === true;
  }

  /** True while its piece is suspended in a call that ends by itself, without the things that the piece has made. */
  get isBounded(): boolean {
    return this.#wait !== undefined && endsSoon(this.#wait.what);
  }

  /**
   * True for an event that listeners which are there get only when the piece has ended, as in plain Node: the call that
   * the piece is suspended in ends without it.
   */
  holdsForAll(held: Held, event: string | symbol): boolean {
    const how = this.howOf(held);
    if (this.keepsOrderOf(held)) return !comesApart(held.thing, event);
    if (how >= Hold.unheard || (how === Hold.noBytes && BYTES.has(event))) return false;
    return this.#isPatient && this.#endsWithout(event);
  }

  keepsOrderOf(held: Held): boolean {
    return this.howOf(held) === Hold.inOrder && this.#blocks;
  }

  howOf(held: Held): Hold {
    return this.#how.get(held) ?? Hold.unheard;
  }

  /** True for such an event if they get it sooner: those that are added later get it, too. */
  keepsForLater(held: Held, event: string | symbol): boolean {
    const how = this.howOf(held);
    const isGiven =
      how === Hold.left ||
      (how === Hold.unheard || how === Hold.inOrder ? LAST.has(event) : !this.#isPatient);
    // A program that emits goes on when its listeners are done.
    return (isGiven || isOnCarrier()) && this.#endsWithout(event);
  }

  #endsWithout(event: string | symbol): boolean {
    const wait = this.#wait;
    if (wait === undefined || !endsByItself(wait.what)) return false;
    if (exec(/^sleepSync\b/, wait.what) !== null) return false;
    return exec(/^(child process|Atomics)/, wait.what) === null || !ASKED.has(event);
  }

  /** Has listeners be given their events though the piece has not ended, if that takes too long. */
  losePatienceSoon(held: Held): void {
    if (this.howOf(held) === Hold.inOrder) return;
    this.#patience ??= globals
      .setTimeout(() => {
        this.#isPatient = false;
        this.giveDueSoon();
      }, PATIENCE_MS)
      .unref();
  }

  goesOn(): void {
    for (const ref of each(this.#held)) {
      const held = ref.deref();
      if (held === undefined) continue;
      held.uncover();
      if (this.howOf(held) === Hold.left) this.#takeOver(held);
    }
    for (const stopped of this.#stopped.values()) if (!this.has(stopped.held)) this.#letFlow(stopped);
    for (const socket of each(this.#notReading)) read(socket);
    if (this.#notReading.length > 0) this.#isUnread = true;
    this.#notReading = [];
  }

  /** Leaves to the system the bytes of a socket that no listener reads: the program may hand the socket on, to a child, say. */
  stopReading(socket: object): void {
    if (this.#piece.blocks && stopReading(socket, null)) push(this.#notReading, socket);
  }

  /** When the events that came before were given, so that neither more nor the end overtakes them. */
  #resume(): void {
    for (const stopped of this.#stopped.values()) this.#letFlow(stopped);
    this.#flow();
  }

  hasStopped(stream: Flowing, held: Held): void {
    this.#stopped.set(stream, { stream, held, inScope: asyncScopeHere('HeldEvent') });
  }

  #letFlow(stopped: Stopped): void {
    this.#stopped.delete(stopped.stream);
    letFlow(stopped.stream);
    push(this.#flowing, stopped);
  }

  /** In a tick, which is followed by those in which the listeners hear of it. */
  #flow(): void {
    for (const { stream, held, inScope } of each(this.#flowing)) {
      this.#flows++;
      givers.set(held.thing, this);
      globals.nextTick(() => inScope(() => flow(stream as Readable)));
      globals.setImmediate(() => {
        this.#flows--;
        if (givers.get(held.thing) === this) givers.delete(held.thing);
      });
    }
    this.#flowing = [];
  }

  /** Drops events that others have got, and for which the microtasks after the piece have added no listener. */
  #dropStale(): void {
    this.#lose(
      ({ waiting }) =>
        this.howOf(waiting.held) === Hold.left && waiting.wasHeard === true && !waiting.isHeard(),
    );
  }

  /** Has an event that waits for several pieces wait for the one that goes on. */
  #takeOver(held: Held): void {
    if (held.waiting === 0) return;
    for (const other of each(held.queues as HeldQueue[]))
      if (other !== this && !other.hasEnded && other.howOf(held) === Hold.left) other.#moveTo(this, held);
    for (const { waiting } of each(this.#entries)) if (waiting.held === held) waiting.renew();
  }

  ended(returned: boolean): void {
    this.hasEnded = true;
    globals.clearTimeout(this.#patience);
    this.#callNext(returned);
    this.#flow();
    for (const ref of each(this.#held)) {
      const held = ref.deref();
      if (held === undefined) continue;
      const left = LEFT[this.howOf(held)];
      if (left !== undefined) leaveTo(this.#piece.work, held.thing, left);
    }
    if (this.#entries.length === 0) this.#release();
    else {
      for (const ref of each(this.#held)) ref.deref()?.cover();
      globals.nextTick(() => {
        this.#dropStale();
        this.#giveNext();
      });
    }
  }

  /** True if its piece is a listener of that. */
  hears(held: Held): boolean {
    return this.#piece.hears(held.thing);
  }

  /** Calls the other listeners of the event that its listener has got: as in plain Node, with no microtask before, and none after one that throws. */
  #callNext(returned: boolean): void {
    let hasThrown = !returned;
    for (let entry = this.#entries[0]; entry?.waiting.isNext === true; entry = this.#entries[0]) {
      const { held } = entry.waiting;
      // Not that of the microtasks that follow the listener: in plain Node they come after the others.
      const keeper = this.#overtakenIn(entry);
      if (keeper?.hears(held)) {
        this.#moveTo(keeper, held);
        return;
      }
      shift(this.#entries);
      if (hasThrown && held.endsByError) {
        held.left(entry.waiting);
        continue;
      }
      try {
        this.#give(entry);
      } catch (error) {
        hasThrown = true;
        // Uncaught: it is not the piece's, whose end goes on here.
        globals.nextTick(() => {
          throw error;
        });
      }
    }
  }

  /** Has something wait; false if too much does, or it must not. */
  keep(waiting: Waiting, args: readonly unknown[] = [], heard = false): boolean {
    if (this.#entries.length >= MOST || (heard && this.#isFullOfHeard())) return false;
    if (this.howOf(waiting.held) === Hold.left && this.#letsBy(waiting.event)) return false;
    counters.eventsHeld++;
    push(this.#entries, { waiting, batch: currentBatch(), heard });
    waiting.held.entered(waiting);
    // An emitter that comes with an event begins with it.
    for (const arg of each(args)) {
      const held = this.#heldOf(arg);
      if (held !== undefined) this.hold(held);
    }
    return true;
  }

  #letsBy(event: string | symbol | undefined): boolean {
    return !this.#blocks || BYTES.has(event ?? '');
  }

  #isFullOfHeard(): boolean {
    const { length } = this.#entries;
    return length >= MOST_HEARD && filter(this.#entries, ({ heard }) => heard).length >= MOST_HEARD;
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
        else if (this.#entries.length === 0 && !this.#blocks) this.#resume();
      }
    });
  }

  /** The same of one emitter, at once: it emits something else, which the program hears if `passes`. */
  giveDueOf(held: Held, passes: boolean): void {
    if (held.waiting > 0)
      this.#giveWhere(({ waiting }) => waiting.held === held && this.#isDue(waiting, passes));
  }

  #isDue(waiting: Waiting, atOnce = false): boolean {
    if (this.howOf(waiting.held) === Hold.left) return false;
    const mayHold = !atOnce || this.keepsOrderOf(waiting.held);
    if (mayHold && waiting.event !== undefined && this.holdsForAll(waiting.held, waiting.event)) return false;
    return waiting.isDue(this.isBounded) && !(waiting.isNext && this.keepsOrderOf(waiting.held));
  }

  /** All of one emitter: its piece has ended. Those of another one that it follows come between. */
  giveAllOf(held: Held): void {
    if (!this.hasEnded || held.waiting === 0) return;
    let left = filter(this.#entries, ({ waiting }) => waiting.held === held).length;
    this.#giveWhere(({ waiting }) => {
      const isGiven = waiting.held === held || (left > 0 && waiting.held === held.follows);
      if (waiting.held === held) left--;
      return isGiven;
    });
  }

  has(held: Held, event?: string | symbol): boolean {
    return some(
      this.#entries,
      ({ waiting }) => waiting.held === held && (event === undefined || waiting.event === event),
    );
  }

  /** Hands over the events of one emitter that wait: to the queue of a piece that has not ended. */
  moveTo(queue: HeldQueue, held: Held): void {
    if (!this.hasEnded) return;
    if (queue.howOf(held) === Hold.left)
      this.#giveWhere(({ waiting }) => waiting.held === held && waiting.isHeard());
    this.#moveTo(queue, held);
  }

  take(held: Held, isTaken: (waiting: Waiting) => boolean): readonly Waiting[] {
    return this.#lose(({ waiting }) => waiting.held === held && isTaken(waiting));
  }

  /** Has those wait no longer that are not given. */
  #lose(isLost: (entry: Entry) => boolean): readonly Waiting[] {
    const lost = map(this.#remove(isLost), ({ waiting }) => waiting);
    for (const waiting of each(lost)) waiting.held.left(waiting);
    return lost;
  }

  #remove(isRemoved: (entry: Entry) => boolean): readonly Entry[] {
    const removed: Entry[] = [];
    const left: Entry[] = [];
    for (const entry of each(this.#entries)) push(isRemoved(entry) ? removed : left, entry);
    this.#entries = left;
    return removed;
  }

  #moveTo(queue: HeldQueue, held: Held): void {
    for (const [stream, stopped] of this.#stopped) queue.#stopped.set(stream, stopped);
    this.#stopped.clear();
    for (const entry of each(this.#remove(({ waiting }) => waiting.held === held)))
      push(queue.#entries, entry);
  }

  #giveWhere(isGiven: (entry: Entry) => boolean): void {
    const entries = this.#entries;
    const kept: Entry[] = [];
    let given = 0;
    this.#entries = [];
    try {
      for (const entry of each(entries)) {
        given++;
        const keeper = this.#overtakenIn(entry);
        if (!isGiven(entry)) push(kept, entry);
        else if (keeper !== undefined) push(keeper.#entries, entry);
        else {
          const later = this.#laterOf(entry);
          if (later !== undefined) push(kept, later);
          this.#give(entry);
        }
      }
    } finally {
      this.#entries = [...each(kept), ...each(slice(entries, given)), ...each(this.#entries)];
    }
  }

  /** The queue of another piece that must get no event before it has ended: a listener that was given one is suspended in turn. */
  #overtakenIn({ waiting: { held } }: Entry): HeldQueue | undefined {
    const keeper = held.keeper as HeldQueue | undefined;
    return keeper !== this && keeper?.isSuspended && keeper.keepsOrderOf(held) ? keeper : undefined;
  }

  #give({ waiting }: Entry): void {
    waiting.held.left(waiting);
    const before = giver;
    giver = this;
    try {
      waiting.give();
    } finally {
      giver = before;
    }
  }

  /** See Keeper.isOver of pieces.ts. */
  get isOver(): boolean {
    if (this.isSuspended && this.#blocks) return false;
    if (this.#flows > 0 || (this.hasEnded && this.#entries.length > 0)) return false;
    const { line } = this.#piece;
    this.#heirs = filter(this.#heirs, (heir) =>
      heir.#piece.line === line ? !heir.isOver : !heir.#piece.line.isOver,
    );
    return this.#heirs.length === 0;
  }

  /** The same in its place for listeners that are added later, if there may be any. */
  #laterOf({ waiting, batch, heard }: Entry): Entry | undefined {
    if (this.hasEnded || waiting.event === undefined || !this.keepsForLater(waiting.held, waiting.event))
      return undefined;
    const later = waiting.forLater?.();
    if (later === undefined) return undefined;
    later.held.entered(later);
    return { waiting: later, batch, heard };
  }

  #giveNext(): void {
    if (this.#isUnread && this.#entries[0]?.waiting.event === 'exit') {
      // libuv looks at signals last: the output of a child comes before its exit. The first immediate may come before the loop's next poll.
      this.#isUnread = false;
      globals.setImmediate(() => globals.setImmediate(() => this.#giveNext()));
      return;
    }
    const entry = shift(this.#entries);
    if (entry === undefined) {
      this.#release();
      return;
    }
    const next = this.#entries[0];
    const soon = next === undefined || next.batch === entry.batch ? globals.nextTick : globals.setImmediate;
    soon(() => this.#giveNext());
    // A listener that it was given to first is suspended in turn, or the code that goes on after that piece: nothing overtakes there.
    const { held } = entry.waiting;
    const keeper = held.keeper as HeldQueue | undefined;
    if (keeper === undefined || (keeper.howOf(held) === Hold.left && entry.waiting.isHeard()))
      this.#give(entry);
    else {
      push(keeper.#entries, entry);
      this.moveTo(keeper, held);
      keeper.giveDueSoon();
    }
  }

  #forgetOldest(): void {
    const alive = filter(this.#held, (ref) => ref.deref() !== undefined);
    const oldest = alive.length - MOST_MADE;
    this.#held = filter(alive, (ref, index) => {
      const held = ref.deref();
      if (held === undefined || index >= oldest || held.waiting > 0) return true;
      held.disownedBy(this);
      return false;
    });
  }

  #release(): void {
    this.#resume();
    for (const ref of each(this.#held)) ref.deref()?.disownedBy(this);
    this.#held = [];
  }
}

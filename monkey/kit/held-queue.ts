// The events and callbacks that wait for one suspended piece, in order; see held-events.ts for the rules. More than 400 lines, since it is one
// class whose private state all its methods share.
import type { Readable } from 'node:stream';
import { asyncScopeHere, type Scope } from '../../runtime/base/async-scope.js';
import { globals } from '../../runtime/base/builtins.js';
import { each, exec, filter, includes, push, some } from '../../runtime/base/primordials.js';
import { whenCallerGoesOn } from '../../runtime/suspension/caller-scope.js';
import { type Left, leaveTo } from '../../runtime/suspension/left-behind.js';
import type { Line } from '../../runtime/suspension/line.js';
import {
  afterMicrotasks,
  currentCarrier,
  inMicrotask,
  isOnCarrier,
} from '../../runtime/suspension/native-core.js';
import type { Piece } from '../../runtime/suspension/pieces.js';
import { counters } from '../../runtime/suspension/suspension.js';
import { endsByItself, endsSoon, type PieceWait } from '../../runtime/suspension/wait-kinds.js';
import { type Held, Hold, type Keeper, type Waiting } from './held.js';
import { areKin as areThingsKin, connectionOf, isComplete } from './kin.js';
import { comesApart, serves } from './serving.js';
import { type Flowing, flow, letFlow, read, stopReading } from './stopped-streams.js';
import { Entries, type Entry, type Run } from './waiting-entries.js';

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

const areKin = (one: Held, other: Held): boolean => one === other || areThingsKin(one.thing, other.thing);

let lastAt = 0;
let batch = 0;
let batchIsOpen = false;

function currentBatch(): number {
  if (!batchIsOpen) {
    batch++;
    batchIsOpen = true;
    inMicrotask(() => {
      batchIsOpen = false;
    });
  }
  return batch;
}

/** The queue whose event is given: a piece that is suspended meanwhile has got it. */
let giver: HeldQueue | undefined;
/** By an emitter, the queue that lets it go on: the same. */
const givers = new Map<object, HeldQueue>();

/** By a socket that was stopped from reading, for how many queues that is. */
const stoppedFor = new WeakMap<object, number>();

/** A stream that was stopped. */
interface Stopped {
  readonly stream: Flowing;
  /** The emitter that brings its events. */
  readonly held: Held;
  /** The async context in which it emits what it has by then, as far as that came without one. */
  inScope: Scope;
}

/** Those that have not flowed since: one that is stopped once more emits in the context that it would have emitted in before. */
const unflowed = new WeakMap<Flowing, Stopped>();

/** Belongs to one piece. */
export class HeldQueue implements Keeper {
  hasEnded = false;
  isCallingNext = false;
  readonly #stopped: Map<Flowing, Stopped> = new Map();
  /** Sockets that were stopped from reading. */
  #notReading: object[] = [];
  /** The messages of http that the piece has. */
  #messages: object[] = [];
  /** True if they may not have read yet the bytes that came meanwhile. */
  #isUnread = false;
  /** Those that flow again as soon as the piece ends. */
  #flowing: Stopped[] = [];
  /** How many do so just now. */
  #flows = 0;
  /** That of the code that has called the listener which the piece is. */
  #callers: Scope | undefined;
  readonly #piece: Piece;
  readonly #heldOf: (value: unknown) => Held | undefined;
  /** Weakly: a piece may go on for ever, and make new ones. */
  #held: WeakRef<Held>[] = [];
  readonly #how = new WeakMap<Held, Hold>();

  #entries = new Entries();
  #willGive = false;
  #wait: PieceWait | undefined;
  #isBounded = false;
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

  get line(): Line {
    return this.#piece.line;
  }

  /**
   * Has the events of an emitter or EventTarget wait.
   * @param how - if it is held in several ways, the one by which most wait
   */
  hold(held: Held, how: Hold = Hold.all): void {
    const isNew = held.ownedBy(this);
    if (isNew || how < this.howOf(held)) this.#how.set(held, how);
    held.ranks(this);
    if (isNew) {
      push(this.#held, new WeakRef(held));
      if (this.#held.length >= 2 * MOST_MADE) this.#forgetOldest();
    }
    // Code that has waited for a later event by `await` was not there when these came. Events that wait for a piece that has ended are
    // given in order: they came after the one that such code has waited for.
    if (isNew && how === Hold.noBytes && held.waiting > 0)
      for (const other of held.owners)
        if (!other.hasEnded && other.howOf(held) === Hold.left)
          other.take(held, ({ event }) => event !== 'error');
    if (how === Hold.inOrder || (how === Hold.all && this.#piece.blocks && held.hasReader)) held.stop(this);
    held.cover();
  }

  suspended(wait: PieceWait, messages: readonly object[]): void {
    this.#wait = wait;
    this.#setBounded(endsSoon(wait.what));
    this.#blocks = this.#piece.blocks;
    this.stopConnections(messages);
    // Those that are not stopped again; all where the piece may wait for their bytes.
    if (!this.#blocks && this.#entries.length === 0) this.#resume();
    else this.#flow();
    // It may be suspended in a listener of an event that has waited for another piece.
    giver?.line.leaveTo(this.line);
    for (const emitter of this.#piece.inOrderOf) givers.get(emitter)?.line.leaveTo(this.line);
    // Also those that came with a kept event in an earlier wait: the events that follow must not overtake those that are kept.
    for (const ref of each(this.#held)) ref.deref()?.cover();
    this.giveDueSoon();
  }

  #setBounded(isBounded: boolean): void {
    if (isBounded === this.#isBounded) return;
    this.#isBounded = isBounded;
    this.#rank();
  }

  #rank(): void {
    for (const ref of each(this.#held)) ref.deref()?.ranks(this);
  }

  /** True until something has happened that the piece waited for. */
  get stillWaits(): boolean {
    return this.#wait?.pending === true;
  }

  /** True while its piece is suspended in a call that ends by itself, without the things that the piece has made. */
  get isBounded(): boolean {
    return this.#isBounded;
  }

  get blocks(): boolean {
    return this.#blocks;
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
    this.#setBounded(false);
    for (const ref of each(this.#held)) {
      const held = ref.deref();
      if (held === undefined) continue;
      held.uncover();
      if (this.howOf(held) === Hold.left) this.#takeOver(held);
    }
    for (const stopped of this.#stopped.values()) if (!this.has(stopped.held)) this.#letFlow(stopped);
    if (this.#notReading.length > 0) this.#isUnread = true;
    this.#readAgain();
  }

  /** Leaves to the system the bytes of a socket that no listener reads: the program may hand the socket on, to a child, say. */
  stopReading(socket: object): void {
    if (this.#piece.blocks) this.#stopReading(socket, null);
  }

  #stopReading(socket: object, flowing: boolean | null): void {
    if (includes(this.#notReading, socket) || !stopReading(socket, flowing)) return;
    push(this.#notReading, socket);
    stoppedFor.set(socket, (stoppedFor.get(socket) ?? 0) + 1);
  }

  /**
   * The same of the connections of requests that have come wholly, until all that waits for the piece has had its turn. In plain Node
   * nothing more comes by them while code blocks that has such a request. Here Node would see the client leave, and destroy what is not
   * yet answered. Until it has come, a request is read: it has its time limits.
   * @param messages - those that the piece has, besides those that it had before
   */
  stopConnections(messages: readonly object[] = []): void {
    for (const message of each(messages))
      if (!includes(this.#messages, message)) push(this.#messages, message);
    this.#messages = filter(this.#messages, connectionOf);
    if (!this.#blocks || !(this.isSuspended || this.hasEnded)) return;
    for (const message of each(this.#messages)) {
      const socket = isComplete(message) ? connectionOf(message) : undefined;
      if (socket !== undefined) this.#stopReading(socket, socket.readableFlowing);
    }
  }

  #readAgain(): void {
    for (const socket of each(this.#notReading)) {
      const readAgain = (): void => {
        const others = (stoppedFor.get(socket) ?? 1) - 1;
        stoppedFor.set(socket, others);
        if (others === 0) read(socket);
      };
      // The events that follow the piece, such as the end of a request, may block in turn. They may come one turn of the loop later.
      if (some(this.#messages, (message) => connectionOf(message) === socket))
        globals.setImmediate(() => globals.setImmediate(readAgain));
      else readAgain();
    }
    this.#notReading = [];
  }

  /** When the events that came before were given, so that neither more nor the end overtakes them. */
  #resume(): void {
    for (const stopped of this.#stopped.values()) this.#letFlow(stopped);
    this.#flow();
  }

  hasStopped(stream: Flowing, held: Held): void {
    const callers = this.howOf(held) === Hold.inOrder ? this.#callers : undefined;
    const inScope = callers ?? unflowed.get(stream)?.inScope ?? asyncScopeHere('HeldEvent');
    const stopped = { stream, held, inScope };
    this.#stopped.set(stream, stopped);
    unflowed.set(stream, stopped);
    if (this.#callers !== undefined || this.#piece.parted || this.#piece.heard === undefined) return;
    whenCallerGoesOn((scope) => {
      this.#callers = scope;
      for (const one of this.#stopped.values())
        if (this.howOf(one.held) === Hold.inOrder) one.inScope = scope;
    });
  }

  /** By Node, in the tick after the program's resume(), or its listening to 'data': in plain Node the stream flows in the context of that. */
  flowsHere(stream: object): void {
    const stopped = this.#stopped.get(stream as Flowing);
    if (stopped !== undefined) stopped.inScope = asyncScopeHere('HeldEvent');
  }

  #letFlow(stopped: Stopped): void {
    this.#stopped.delete(stopped.stream);
    const keeper = this.#overtakenIn(stopped.held);
    if (keeper !== undefined) {
      keeper.#stopped.set(stopped.stream, stopped);
      return;
    }
    const { held, inScope, stream } = stopped;
    const scope = held.chunkScopes?.end ?? inScope;
    scope(() => letFlow(stream));
    push(this.#flowing, stopped);
  }

  /** In a tick, which is followed by those in which the listeners hear of it. */
  #flow(all = false): void {
    const flowing = this.#flowing;
    // Not before the events that have come by their kin.
    this.#flowing = all ? [] : filter(flowing, ({ held }) => this.hasKin(held));
    for (const stopped of each(flowing)) {
      const { stream, held, inScope } = stopped;
      if (includes(this.#flowing, stopped)) continue;
      this.#flows++;
      givers.set(held.thing, this);
      const next = (): Scope => held.chunkScopes?.next() ?? inScope;
      // The next chunk of a stream that the piece is a listener of comes after all that the piece leaves.
      const soon = this.howOf(held) === Hold.inOrder ? afterMicrotasks : globals.nextTick;
      soon(() => {
        if (stream.readableFlowing !== false && unflowed.get(stream) === stopped) unflowed.delete(stream);
        flow(stream as Readable, next);
      });
      globals.setImmediate(() => {
        this.#flows--;
        if (givers.get(held.thing) === this) givers.delete(held.thing);
      });
    }
  }

  /** Drops events that others have got, and for which the microtasks after the piece have added no listener. */
  #dropStale(): void {
    this.#lose(
      (held) => this.howOf(held) === Hold.left,
      (waiting) => waiting.wasHeard === true && !waiting.isHeard(),
    );
  }

  /** Has an event that waits for several pieces wait for the one that goes on. */
  #takeOver(held: Held): void {
    if (held.waiting === 0) return;
    for (const other of held.owners as Iterable<HeldQueue>)
      if (other !== this && !other.hasEnded && other.howOf(held) === Hold.left)
        other.#moveTo(this, (one) => one === held);
    this.#entries.forEachOf(held, (waiting) => waiting.renew());
  }

  ended(returned: boolean): void {
    this.hasEnded = true;
    this.#rank();
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
      this.stopConnections();
      afterMicrotasks(() => {
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
    this.isCallingNext = true;
    for (let entry = this.#entries.first; entry?.waiting.isNext === true; entry = this.#entries.first) {
      const { held } = entry.waiting;
      // Not that of the microtasks that follow the listener: in plain Node they come after the others.
      const keeper = this.#overtakenIn(held);
      if (keeper?.hears(held)) {
        this.#moveTo(keeper, (one) => one === held);
        break;
      }
      this.#entries.shift();
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
    this.isCallingNext = false;
  }

  /** Has something wait; false if too much does, or it must not. */
  keep(waiting: Waiting, args: readonly unknown[] = [], heard = false): boolean {
    if (this.#entries.length >= MOST || (heard && this.#entries.heard >= MOST_HEARD)) return false;
    if (this.howOf(waiting.held) === Hold.left && this.#letsBy(waiting.event)) return false;
    counters.eventsHeld++;
    // An event of which a listener waits has begun before.
    const at = waiting.isNext === true ? 0 : ++lastAt;
    this.#entries.push({ waiting, at, batch: currentBatch(), heard });
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

  /** Gives the events that have a listener by now, in a tick. */
  giveDueSoon(): void {
    if (this.#willGive || this.#entries.length === 0) return;
    this.#willGive = true;
    globals.nextTick(() => {
      this.#willGive = false;
      if (this.hasEnded || !this.isSuspended) return;
      let done = false;
      try {
        this.#giveWhere(
          (run) => this.#maybeDue(run),
          (waiting) => this.#isDue(waiting),
        );
        done = true;
      } finally {
        if (!done) this.giveDueSoon();
        // Those that wait still have no listener.
        else if (!this.#blocks) this.#resume();
      }
    });
  }

  /** The same of one emitter, at once: it emits something else, which the program hears if `passes`. */
  giveDueOf(held: Held, passes: boolean): void {
    if (held.waiting > 0)
      this.#giveWhere(
        (run) => (run.held === held ? this.#maybeDue(run) : false),
        (waiting) => this.#isDue(waiting, passes),
      );
  }

  /** False if nothing of a run is due, without a look at each. */
  #maybeDue({ held, takesTurn }: Run): false | undefined {
    return takesTurn && this.keepsOrderOf(held) && !serves(held.thing) ? false : undefined;
  }

  #isDue(waiting: Waiting, atOnce = false): boolean {
    if (this.howOf(waiting.held) === Hold.left) return false;
    const mayHold = !atOnce || this.keepsOrderOf(waiting.held);
    if (mayHold && waiting.event !== undefined && this.holdsForAll(waiting.held, waiting.event)) return false;
    return (
      waiting.isDue(this.isBounded, this.#blocks) && !(waiting.isNext && this.keepsOrderOf(waiting.held))
    );
  }

  /** All of one emitter, and those of its kin between: its piece has ended. If it `flows`, all that comes before the bytes that it brings. */
  giveAllOf(held: Held, flows: boolean): void {
    if (!this.hasEnded || (held.waiting === 0 && !flows)) return;
    let left = this.#entries.countOf(held);
    let areRead = false;
    const areGiven = (run: Run): boolean | undefined => {
      if (!areKin(run.held, held)) return false;
      if (!flows) return left > 0;
      if (areRead) return false;
      return run.followBytes ? undefined : true;
    };
    const isGiven = (waiting: Waiting): boolean => {
      areRead ||= this.#followsBytes(waiting);
      return !areRead;
    };
    this.#giveWhere((run) => {
      const given = areGiven(run);
      if (run.held === held) left -= run.length;
      return given;
    }, isGiven);
  }

  /** True if its piece has ended, and something waits of an emitter or its kin. */
  hasKin(held: Held): boolean {
    return this.hasEnded && this.#entries.hasOf((one) => areKin(one, held));
  }

  has(held: Held, event?: string | symbol): boolean {
    return this.#entries.has(held, event);
  }

  /**
   * Hands over the events of one emitter that wait: to the queue of a piece that has not ended. Those of others that will wait for that
   * piece, too, go with them, so that none overtakes.
   */
  moveTo(queue: HeldQueue, held: Held): void {
    if (!this.hasEnded) return;
    if (queue.howOf(held) === Hold.left)
      this.#giveWhere(
        (run) => (run.held === held ? undefined : false),
        (waiting) => waiting.isHeard(),
      );
    this.#moveTo(queue, (one) => one === held || (one.keeper === queue && queue.howOf(one) < Hold.left));
  }

  take(held: Held, isTaken: (waiting: Waiting) => boolean): void {
    this.#lose((one) => one === held, isTaken);
  }

  /** Has those wait no longer that are not given. */
  #lose(isOf: (held: Held) => boolean, isLost: (waiting: Waiting) => boolean): void {
    const lost = this.#entries.take(isOf, isLost);
    for (let entry = lost.shift(); entry !== undefined; entry = lost.shift())
      entry.waiting.held.left(entry.waiting);
  }

  #moveTo(queue: HeldQueue, isMoved: (held: Held) => boolean): void {
    // Else they flow when this queue is empty: the other piece may wait for what they bring.
    if (queue.#blocks) {
      for (const [stream, stopped] of this.#stopped) queue.#stopped.set(stream, stopped);
      this.#stopped.clear();
    }
    queue.#entries.join(this.#entries.take(isMoved));
  }

  /**
   * Gives some of the events and callbacks that wait, in order.
   * @param areGiven - tells it of the whole of a run; undefined if each is to be asked for
   */
  #giveWhere(
    areGiven: (run: Run) => boolean | undefined,
    isGiven: (waiting: Waiting) => boolean = () => true,
  ): void {
    const entries = this.#entries;
    const kept = new Entries();
    let run: Run | undefined;
    this.#entries = new Entries();
    try {
      for (run = entries.shiftRun(); run !== undefined; run = entries.shiftRun()) {
        const all = areGiven(run);
        if (all === false) kept.append(run);
        else this.#giveRun(run, kept, all === true, isGiven);
      }
    } finally {
      if (run !== undefined) kept.append(run);
      kept.appendAll(entries);
      kept.appendAll(this.#entries);
      this.#entries = kept;
    }
  }

  /** Gives what is to be given of a run, and has the others, which are together where they can be, be `kept`. */
  #giveRun(run: Run, kept: Entries, areAll: boolean, isGiven: (waiting: Waiting) => boolean): void {
    while (run.length > 0) {
      const { waiting } = run.first as Entry;
      const keeper = areAll || isGiven(waiting) ? this.#overtakenIn(run.held) : 'kept';
      if (keeper === undefined) {
        const entry = run.shift();
        const later = this.#laterOf(entry);
        if (later !== undefined) kept.push(later);
        this.#give(entry);
        continue;
      }
      const moved = areAll ? run.shiftAll() : run.shiftStretch();
      if (keeper === 'kept') kept.append(moved);
      else keeper.#entries.join(Entries.of(moved));
    }
  }

  /** The queue of another piece that must get no event before it has ended: a listener that was given one is suspended in turn. */
  #overtakenIn(held: Held): HeldQueue | undefined {
    const keeper = held.keeper as HeldQueue | undefined;
    return keeper !== this && keeper?.isSuspended && keeper.keepsOrderOf(held) ? keeper : undefined;
  }

  #give({ waiting }: Entry): void {
    const { held } = waiting;
    held.left(waiting);
    const before = giver;
    const { givenOn } = held;
    giver = this;
    held.givenOn = currentCarrier();
    try {
      waiting.give();
    } finally {
      giver = before;
      held.givenOn = givenOn;
    }
  }

  /** See Keeper.isOver of pieces.ts. */
  get isOver(): boolean {
    if (this.isSuspended && this.#blocks) return false;
    return this.#flows === 0 && !(this.hasEnded && this.#entries.length > 0);
  }

  /** The same in its place for listeners that are added later, if there may be any. */
  #laterOf({ waiting, at, batch, heard }: Entry): Entry | undefined {
    if (this.hasEnded || waiting.event === undefined || !this.keepsForLater(waiting.held, waiting.event))
      return undefined;
    const later = waiting.forLater?.();
    if (later === undefined) return undefined;
    later.held.entered(later);
    return { waiting: later, at, batch, heard };
  }

  #followsBytes({ event, followsBytes, held }: Waiting): boolean {
    if (followsBytes !== true) return false;
    // Of a stream that the piece has made, no bytes come before it has a listener.
    return event !== 'finish' || this.howOf(held) === Hold.inOrder;
  }

  /** Has the bytes be read that come before something. @returns false if there are none */
  #readBefore(waiting: Waiting): boolean {
    if (waiting.event !== 'exit')
      for (const stopped of this.#stopped.values())
        if (areKin(stopped.held, waiting.held)) this.#letFlow(stopped);
    if (!this.#isUnread && this.#flowing.length === 0) return false;
    this.#isUnread = false;
    this.#flow(true);
    return true;
  }

  #giveNext(): void {
    const { first } = this.#entries;
    if (first !== undefined && this.#followsBytes(first.waiting) && this.#readBefore(first.waiting)) {
      // The first immediate may come before the loop's next poll.
      globals.setImmediate(() => globals.setImmediate(() => this.#giveNext()));
      return;
    }
    const entry = this.#entries.shift();
    if (entry === undefined) {
      this.#release();
      return;
    }
    const next = this.#entries.first;
    const soon = next === undefined || next.batch === entry.batch ? globals.nextTick : globals.setImmediate;
    soon(() => this.#giveNext());
    // A listener that it was given to first is suspended in turn, or the code that goes on after that piece: nothing overtakes there.
    const { held } = entry.waiting;
    const keeper = held.keeper as HeldQueue | undefined;
    const isLeft = keeper?.howOf(held) === Hold.left;
    if (keeper === undefined || (isLeft && (entry.waiting.isHeard() || !keeper.blocks))) this.#give(entry);
    else {
      const passed = new Entries();
      passed.push(entry);
      keeper.#entries.join(passed);
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
    this.#readAgain();
    this.#resume();
    for (const ref of each(this.#held)) ref.deref()?.disownedBy(this);
    this.#held = [];
  }
}

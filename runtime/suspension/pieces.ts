// A piece is synchronous code from where Node calls it, as a callback or a microtask, to where it returns there. In plain
// Node nothing else happens meanwhile. Here a piece may be suspended, and what it made, or was given first, must not meet
// the world before it goes on. This file tells pieces apart, and tells a keeper when they are suspended, go on and end.
// The microtasks and ticks that follow a piece are pieces that inherit from it: see left-behind.ts.
// More than 400 lines, since all of it shares the state of the carriers' running pieces.
// Guarded by test/monkey/made-then-listened.test.ts and test/monkey/in-order.test.ts.

import { each, includes, push, some } from '../base/primordials.js';
import type { Context } from './context.js';
import {
  forgetEachTurn,
  forgetLeft,
  type Heritage,
  type Left,
  leaveGiven,
  leaveTo,
  leftHere,
  sortWith,
  type Things,
  workHere,
  workOf,
} from './left-behind.js';
import { askLinesBy, Line, lineIn } from './line.js';
import { currentCarrier, inMicrotask } from './native-core.js';
import { blocksAndEnds, type PieceWait } from './wait-kinds.js';

const untouched: readonly object[] = [];
/** So many things of a piece are held at least, the last ones. Its queue holds fewer of them (monkey/kit/held-queue.ts). */
const MOST_THINGS = 1024;

let lastId = 0;

/** One piece that made or was given something. */
export class Piece {
  /** Tells it from all others, also in another thread. */
  readonly id: number = ++lastId;
  readonly carrier: number;
  /** Which of its carrier's microtasks it is; of no meaning for a callback. */
  readonly turn: number;
  /** The objects that it made, and was given, since it was suspended last. */
  readonly things: Set<object> = new Set();
  /** Those that the events and pieces before it have left to it, and how. */
  inherited: ReadonlyMap<object, Left> | undefined;
  /** The emitter whose listener it is. */
  lender: object | undefined;
  /** The same, if its events come one after the other. */
  heard: object | undefined;
  /** The request, or the like, that it is a listener for, while it is suspended where plain Node blocks. */
  handles: unknown;
  /** The emitter of which it has told that it is a listener. */
  follows: object | undefined;
  /** The emitters whose next events must not overtake it: the same, those that it follows as listeners of, and the kin of all these. */
  readonly inOrderOf: Set<object> = new Set();
  /** The same, only for itself: those that it has read, and those whose listeners it is calling itself. */
  touched: readonly object[] = untouched;
  readonly work: object = workHere();
  #line: Line | undefined;
  suspended = false;
  /** True while it is suspended where plain Node blocks. */
  blocks = false;
  /** True if it was ever suspended. */
  parted = false;
  /** True if the keeper knows of it. */
  kept = false;
  /** Called once, when it goes on. */
  whenGoesOn: (() => void) | undefined;

  constructor(carrier: number, turn: number) {
    this.carrier = carrier;
    this.turn = turn;
  }

  /** First asked for while it runs. */
  get line(): Line {
    this.#line ??= lineIn(leftHere(heritages[this.carrier])) ?? new Line();
    return this.#line;
  }

  /** True if it is a listener of `emitter`, whose events come one after the other. */
  hears(emitter: object): boolean {
    return this.heard === emitter || this.follows === emitter;
  }

  /** Has the microtasks and ticks that follow it belong to its line, if that was asked for. */
  leaveLine(): void {
    if (this.#line !== undefined) leaveTo(this.work, this.#line, 'line');
  }
}

/** Hears of the pieces that have something it keeps. */
export interface Keeper {
  /** True for an object that it keeps. */
  keeps(value: unknown): value is object;
  /** True for one whose events come one after the other, unlike the requests that a server gets. */
  isInOrder(value: unknown): value is object;
  /** Gives the emitters whose events come in one order with those of `emitter`. */
  kinOf(emitter: object): readonly object[];
  /** True for an emitter of whose events it keeps those that no listener hears, for a listener of its that is suspended. */
  keepsUnheard(value: unknown): value is object;
  /** Has another listener of the event that the suspended one hears wait for it. @returns false if too much waits */
  keepsCall(emitter: object, call: () => void): boolean;
  /** True for an emitter that gets requests or the like, which are independent of each other. */
  serves(value: unknown): boolean;
  /** The same of a piece that is a listener of an emitter that serves. */
  keepsNext(piece: Piece, emitter: object, call: () => void): boolean;
  /** False while events that have waited for it are given, and while a listener that got one is suspended where plain Node blocks. */
  isOver(piece: Piece): boolean;
  suspended(piece: Piece, wait: PieceWait): void;
  goesOn(piece: Piece): void;
  /**
   * Only of those that were suspended.
   * @param returned - false if it has thrown
   */
  ended(piece: Piece, returned: boolean): void;
}

let keeper: Keeper | undefined;
/** How many microtasks have ended, in V8's own memory. */
let finished: Int32Array | undefined;
const pieces: (Piece | undefined)[] = [];
/** The arguments of the callback that a carrier was entered with; undefined where it runs microtasks. */
const given: (ArrayLike<unknown> | undefined)[] = [];
/** The objects that those callbacks are methods or listeners of. */
const selves: unknown[] = [];
/** A listener that a carrier's running piece has called itself, such as by reading a stream. */
export interface Called {
  readonly self: unknown;
  readonly outer: Called | undefined;
}
const called: (Called | undefined)[] = [];
/** By this a carrier's callback inherits as a tick. */
const heritages: (Heritage | undefined)[] = [];
/** Which of a carrier's callbacks runs. */
const callbacks: number[] = [];
/** The pieces that are suspended, by carrier; see {@link runningPiece}. */
const suspendedPieces: number[] = [];
/** By carrier, which of all suspensions it is in. */
const suspendedAs: number[] = [];
let lastSuspension = 0;
/** The streams of which the piece of that number has got bytes. */
const reads: ({ readonly piece: number; readonly streams: object[] } | undefined)[] = [];
let lastCallback = 0;
/** The pieces that are suspended where plain Node blocks. */
const blocking = new Set<Piece>();
/** The emitters whose next events must not overtake suspended pieces, and how many these are. */
const inOrder = new Map<object, number>();
/** The pieces that have {@link Piece.handles}, by that. */
const handling = new Map<unknown, Piece>();
/** How many microtasks have ended while a carrier was put aside. */
const missed: number[] = [];

/** Tells `heard` of pieces. Those of microtasks can be told apart only where the count of microtasks is known. */
export function keepWith(heard: Keeper): void {
  keeper = heard;
  askLinesBy((piece) => !heard.isOver(piece as Piece));
  const { isInOrder, keeps, keepsUnheard } = heard;
  sortWith((self, args, leave) => {
    if (isInOrder(self)) leave(self, 'inOrder');
    else if (keepsUnheard(self)) leave(self, 'made');
    for (const arg of each(args)) if (keeps(arg)) leave(arg, 'made');
  });
}

/**
 * Starts telling microtasks apart.
 * @returns empty, or why they cannot be
 */
export function startPieces(count: Int32Array | undefined, turns: Float64Array): string {
  finished = count;
  forgetEachTurn(turns);
  return count === undefined ? "V8's count of microtasks was not found by probing" : '';
}

const turnOf = (carrier: number): number => ((finished?.[0] ?? 0) - (missed[carrier] ?? 0)) | 0;

/** To be called where a callback is entered. */
export function beginCallback(carrier: number, args: ArrayLike<unknown>, self: unknown): void {
  forgetLeft();
  given[carrier] = args;
  selves[carrier] = self;
  pieces[carrier] = called[carrier] = undefined;
  callbacks[carrier] = --lastCallback;
}

/**
 * To be called where it has ended. Microtasks inherit what it was given.
 * @param returned - false if it has thrown
 */
export function endCallback(carrier: number, returned: boolean, context?: Context): void {
  const self = selves[carrier];
  const args = given[carrier] ?? [];
  if (keeper !== undefined && (args.length > 0 || self !== undefined))
    leaveGiven(workOf(context), self, args);
  given[carrier] = selves[carrier] = heritages[carrier] = reads[carrier] = undefined;
  const piece = pieces[carrier];
  if (piece === undefined) return;
  pieces[carrier] = undefined;
  if (piece.parted) over(piece, returned || context?.scope.isOver() === true);
  else piece.leaveLine();
}

/** The arguments of the callback that runs here; none in a microtask. */
export const givenHere = (): ArrayLike<unknown> => given[currentCarrier()] ?? [];

/** The listeners that are being called by the code that runs here. */
export const listenersHere = (): Called | undefined => called[currentCarrier()];

/** Has them be those. */
export function setListenersHere(listeners: Called | undefined): void {
  called[currentCarrier()] = listeners;
}

/**
 * To be called where the running piece calls a listener: while that is suspended, the next events of `self` wait for the piece.
 * @returns those before, for {@link setListenersHere} afterwards
 */
export function beginListener(self: unknown): Called | undefined {
  const carrier = currentCarrier();
  const outer = called[carrier];
  called[carrier] = { self, outer };
  return outer;
}

/** Gives that for a tick that the running code asks for; undefined where nothing can be suspended. */
export function heritageHere(): Heritage | undefined {
  const carrier = currentCarrier();
  if (carrier === 0) return undefined;
  const own = heritages[carrier];
  return { work: workHere(), self: selves[carrier], args: given[carrier], above: own?.above ?? own };
}

/** To be called where a tick begins. */
export function inherit(heritage: Heritage): void {
  heritages[currentCarrier()] = heritage;
}

/** A loop may make any number of things that it drops again, and the piece holds them. */
function dropOldest(things: Set<object>): void {
  let left = things.size - MOST_THINGS;
  for (const oldest of things) {
    if (left-- === 0) return;
    things.delete(oldest);
  }
}

/** Notes that the running piece has made `thing`, or has had it do what its events tell of. */
export function madeHere(thing: object): void {
  const piece = keeper === undefined ? undefined : pieceHere();
  if (piece === undefined) return;
  const { things } = piece;
  things.add(thing);
  if (things.size > 2 * MOST_THINGS) dropOldest(things);
  leaveTo(piece.work, thing, 'made');
}

/** Has the events of `emitter` wait for the running piece, and for those that follow it, as for any listener. */
export function followHere(emitter: object): void {
  const piece = keeper === undefined ? undefined : pieceHere();
  if (piece === undefined) return;
  piece.follows = emitter;
  leaveTo(piece.work, emitter, 'inOrder');
}

/** Notes that the running piece has got bytes of a stream, or has brought some. */
export function readHere(stream: object): void {
  const carrier = currentCarrier();
  if (carrier === 0 || keeper === undefined || (given[carrier] === undefined && finished === undefined))
    return;
  const piece = runningPiece(carrier);
  const read = reads[carrier];
  if (read?.piece !== piece) reads[carrier] = { piece, streams: [stream] };
  else if (!includes(read.streams, stream)) push(read.streams, stream);
}

function currentPiece(carrier: number): Piece | undefined {
  const isCallback = given[carrier] !== undefined;
  if (!isCallback && finished === undefined) return undefined;
  const turn = isCallback ? 0 : turnOf(carrier);
  const known = pieces[carrier];
  if (known !== undefined && known.turn === turn) return known;
  const piece = new Piece(carrier, turn);
  pieces[carrier] = piece;
  // So that what it made is not kept from the collector.
  if (!isCallback)
    inMicrotask(() => {
      if (!piece.parted && pieces[carrier] === piece) pieces[carrier] = undefined;
    });
  return piece;
}

/** How many microtasks have ended, for {@link wasAway}. */
export const microtasksEnded = (): number => finished?.[0] ?? 0;

/** To be called where a carrier goes on that was put aside when `before` microtasks had ended. */
export function wasAway(carrier: number, before: number): void {
  missed[carrier] = ((missed[carrier] ?? 0) + microtasksEnded() - before) | 0;
}

/** The number of a carrier's running piece: callbacks' are below 0, others are microtasks'. */
export const runningPiece = (carrier: number): number =>
  given[carrier] === undefined ? turnOf(carrier) : (callbacks[carrier] as number);

/** To be called where the running piece is suspended; gives it if something may wait for it. */
export function suspendPiece(carrier: number, wait: PieceWait): Piece | undefined {
  suspendedPieces[carrier] = runningPiece(carrier);
  suspendedAs[carrier] = ++lastSuspension;
  const blocks = blocksAndEnds(wait.what);
  const inherited = keeper === undefined ? undefined : leftHere(heritages[carrier]);
  const args = given[carrier];
  const hasMore = blocks || inherited !== undefined || (args !== undefined && isGivenKept(carrier, args));
  const known = pieces[carrier];
  const piece = hasMore ? currentPiece(carrier) : known;
  if (piece === undefined || (args === undefined && piece.turn !== turnOf(carrier))) return undefined;
  if (blocks) {
    piece.blocks = true;
    piece.line.blocked++;
    blocking.add(piece);
  }
  piece.suspended = true;
  if (keeper !== undefined) keepFor(keeper, piece, inherited, wait);
  if (blocks && (args !== undefined || lineIn(inherited) !== undefined)) leaveToFollowers(piece);
  piece.parted = true;
  return piece;
}

/** Microtasks and ticks that it has asked for run while it is suspended: they follow it all the same. */
function leaveToFollowers(piece: Piece): void {
  piece.leaveLine();
  for (const thing of piece.inOrderOf) leaveTo(piece.work, thing, 'inOrder');
}

const isGivenKept = (carrier: number, args: ArrayLike<unknown>): boolean =>
  keeper !== undefined && (some(args, keeper.keeps) || keeper.keepsUnheard(selves[carrier]));

function touchedOn(carrier: number, isInOrder: Keeper['isInOrder']): readonly object[] {
  const read = reads[carrier];
  const streams = read !== undefined && read.piece === suspendedPieces[carrier] ? read.streams : untouched;
  if (called[carrier] === undefined && streams.length === 0) return untouched;
  const found: object[] = [];
  for (let one = called[carrier]; one !== undefined; one = one.outer)
    if (isInOrder(one.self)) push(found, one.self);
  for (const stream of each(streams)) if (isInOrder(stream)) push(found, stream);
  return found;
}

function keepFor(by: Keeper, piece: Piece, inherited: Things | undefined, wait: PieceWait): void {
  const { carrier, things, inOrderOf } = piece;
  const args = given[carrier];
  const self = args === undefined ? undefined : selves[carrier];
  if (!piece.parted && args !== undefined) {
    if (by.keepsUnheard(self)) piece.lender = self;
    for (const arg of each(args)) if (by.keeps(arg)) things.add(arg);
  }
  // In plain Node a listener is called again when it has returned: the next line, chunk or message must not overtake it.
  if (piece.blocks) {
    if (by.isInOrder(self)) {
      piece.heard = self;
      inOrderOf.add(self);
    }
    if (piece.follows !== undefined) inOrderOf.add(piece.follows);
    piece.touched = touchedOn(carrier, by.isInOrder);
    inherited?.forEach((how, thing) => {
      if (how === 'inOrder') inOrderOf.add(thing);
    });
    for (const thing of each([...inOrderOf])) for (const kin of each(by.kinOf(thing))) inOrderOf.add(kin);
    for (const thing of inOrderOf) inOrder.set(thing, (inOrder.get(thing) ?? 0) + 1);
  }
  const isNew =
    things.size > 0 ||
    inherited !== undefined ||
    piece.lender !== undefined ||
    inOrderOf.size > 0 ||
    piece.touched.length > 0;
  if (!piece.kept && !isNew) return;
  piece.kept = true;
  if (piece.blocks && args !== undefined && args.length > 0 && by.serves(self)) {
    piece.handles = args[0];
    handling.set(args[0], piece);
  }
  piece.line.add(piece);
  piece.inherited = inherited;
  by.suspended(piece, wait);
  things.clear();
  piece.inherited = undefined;
}

/** To be called where it goes on. */
export function pieceGoesOn(piece: Piece | undefined): void {
  if (piece === undefined) return;
  piece.suspended = false;
  const { whenGoesOn } = piece;
  piece.whenGoesOn = undefined;
  whenGoesOn?.();
  if (piece.blocks) {
    piece.blocks = false;
    piece.line.blocked--;
    blocking.delete(piece);
    for (const thing of piece.inOrderOf) {
      const count = (inOrder.get(thing) ?? 0) - 1;
      if (count > 0) inOrder.set(thing, count);
      else inOrder.delete(thing);
    }
    piece.inOrderOf.clear();
    piece.touched = untouched;
    if (piece.handles !== undefined) {
      handling.delete(piece.handles);
      piece.handles = undefined;
    }
  }
  if (piece.kept) keeper?.goesOn(piece);
  if (given[piece.carrier] !== undefined) return;
  // The hub resumes only when no microtask is left: so this one is the first after the piece.
  inMicrotask(() => {
    if (piece.suspended || pieces[piece.carrier] !== piece) return;
    pieces[piece.carrier] = undefined;
    over(piece, true);
  });
}

/** Of one that was suspended. */
function over(piece: Piece, returned: boolean): void {
  piece.leaveLine();
  if (piece.kept) keeper?.ended(piece, returned);
}

/** Has a listener of `emitter`, with that first argument, be called later, if one before it is suspended. @returns false if it may be called now */
export function waitsItsTurn(emitter: unknown, first: unknown, call: () => void): boolean {
  if (keeper === undefined) return false;
  if (inOrder.size > 0 && inOrder.has(emitter as object) && keeper.keepsCall(emitter as object, call))
    return true;
  const before = handling.size > 0 ? handling.get(first) : undefined;
  if (before === undefined || selves[before.carrier] !== emitter) return false;
  return keeper.keepsNext(before, emitter as object, () => {
    if (!waitsItsTurn(emitter, first, call)) call();
  });
}

/** Tells a carrier's suspended piece from the others that it may have. */
export const suspendedPiece = (carrier: number): number => suspendedPieces[carrier] as number;

/** The number of the last suspension. */
export const suspensionsSoFar = (): number => lastSuspension;

/** True for a carrier whose suspension came after that one. */
export const wasSuspendedAfter = (carrier: number, suspension: number): boolean =>
  (suspendedAs[carrier] as number) > suspension;

/** The line of a carrier's suspended piece, if it is known. */
export function suspendedLine(carrier: number): Line | undefined {
  const piece = pieces[carrier];
  return piece?.suspended === true ? piece.line : undefined;
}

/** The running piece; undefined on the main stack, where nothing is suspended, and where microtasks cannot be told apart. */
export function pieceHere(): Piece | undefined {
  const carrier = currentCarrier();
  return carrier === 0 ? undefined : currentPiece(carrier);
}

/** The line of the running piece, if that is known. */
export const lineHere = (): Line | undefined => pieceHere()?.line;

/** The lines of the pieces that are suspended where plain Node blocks. */
export function blockedLines(): readonly Line[] {
  const lines = new Set<Line>();
  for (const { line } of blocking) lines.add(line);
  return [...lines];
}

/** True if there is such a piece. */
export const isBlockedAnywhere = (): boolean => blocking.size > 0;

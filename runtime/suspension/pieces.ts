// A piece is synchronous code from where Node calls it, as a callback or a microtask, to where it returns there. In plain
// Node nothing else happens meanwhile. Here a piece may be suspended, and what it made, or was given first, must not meet
// the world before it goes on. This file tells pieces apart, and tells a keeper when they are suspended, go on and end.
// After an event that code waits for by `await`, and after a piece, Node runs microtasks before anything else happens: so those of the
// same work inherit the emitter, the things that the piece has made, and those whose events wait for a suspended piece, until the loop
// turns.
// Guarded by test/monkey/made-then-listened.test.ts.

import { builtin, globals } from '../base/builtins.js';
import { each, exec, includes, map, push, resolved, some, whenSettled } from '../base/primordials.js';
import { type Context, currentContext } from './context.js';
import { currentCarrier } from './native-core.js';

const { isPromise } = builtin<typeof import('node:util')>('util').types;

/** One piece that made or was given something. */
export class Piece {
  readonly carrier: number;
  /** Which of its carrier's microtasks it is; of no meaning for a callback. */
  readonly turn: number;
  /** The objects that it made, and was given, since it was suspended last. */
  readonly things: Set<object> = new Set();
  /** Those that the events and pieces before it have left to it, and how. */
  inherited: ReadonlyMap<object, Left> | undefined;
  /** The emitter whose listener it is. */
  lender: object | undefined;
  /** The same, while its next events must not overtake the piece. */
  inOrderOf: object | undefined;
  readonly work: object = workHere();
  suspended = false;
  /** True if it was ever suspended. */
  parted = false;

  constructor(carrier: number, turn: number) {
    this.carrier = carrier;
    this.turn = turn;
  }
}

/** How a thing is left to the next microtasks of a piece of work: it was waited for, or was made and may be another's. */
export type Left = 'awaited' | 'made';

/** The wait of a piece: its name in the task dump, and whether it still waits. */
export interface PieceWait {
  readonly what: string;
  readonly pending: boolean;
}

/** The name of the wait of code that computes, and was put aside. */
export const SLICE = 'slice';

/** Hears of the pieces that have something it keeps. */
export interface Keeper {
  /** True for an object that it keeps. */
  keeps(value: unknown): value is object;
  /** True for one whose events come one after the other, unlike the requests that a server gets. */
  isInOrder(value: unknown): value is object;
  /** True for an emitter of whose events it keeps those that no listener hears, for a listener of its that is suspended. */
  keepsUnheard(value: unknown): value is object;
  /** Has another listener of the event that the suspended one hears wait for it. @returns false if too much waits */
  keepsCall(emitter: object, call: () => void): boolean;
  /** False while events that have waited for it are given, and while a listener that got one is suspended where plain Node blocks. */
  isOver(piece: Piece): boolean;
  suspended(piece: Piece, wait: PieceWait): void;
  goesOn(piece: Piece): void;
  /** Only of those that were suspended. */
  ended(piece: Piece): void;
}

let keeper: Keeper | undefined;
/** How many microtasks have ended, in V8's own memory. */
let finished: Int32Array | undefined;
const pieces: (Piece | undefined)[] = [];
/** The arguments of the callback that a carrier was entered with; undefined where it runs microtasks. */
const given: (ArrayLike<unknown> | undefined)[] = [];
/** The objects that those callbacks are methods or listeners of. */
const selves: unknown[] = [];
/** Which of a carrier's callbacks runs. */
const callbacks: number[] = [];
/** The pieces that are suspended, by carrier; see {@link runningPiece}. */
const suspendedPieces: number[] = [];
/** The waits of suspended carriers. */
const waits: (PieceWait | undefined)[] = [];
let lastCallback = 0;
/** The carriers whose wait may be one where plain Node blocks. */
const mayBlock = new Set<number>();
/** The emitters whose next events must not overtake a suspended listener. */
const inOrder = new Set<object>();
/** How many microtasks have ended while a carrier was put aside. */
const missed: number[] = [];
const settled = resolved();

/** Tells `heard` of pieces. Those of microtasks can be told apart only where the count of microtasks is known. */
export function keepWith(heard: Keeper): void {
  keeper = heard;
}

/**
 * Starts telling microtasks apart.
 * @returns empty, or why they cannot be
 */
export function startPieces(count: Int32Array | undefined): string {
  finished = count;
  return count === undefined ? "V8's count of microtasks was not found by probing" : '';
}

const turnOf = (carrier: number): number => ((finished?.[0] ?? 0) - (missed[carrier] ?? 0)) | 0;

/** To be called where a callback is entered. */
export function beginCallback(carrier: number, args: ArrayLike<unknown>, self: unknown): void {
  given[carrier] = args;
  selves[carrier] = self;
  pieces[carrier] = undefined;
  callbacks[carrier] = --lastCallback;
}

/**
 * To be called where it has ended. An async function goes on in microtasks, to which it leaves what it was given.
 * @param context - its own
 */
export function endCallback(carrier: number, value?: unknown, context?: Context): void {
  if (isPromise(value) && keeper !== undefined) leaveGiven(keeper, carrier, workOf(context));
  given[carrier] = selves[carrier] = undefined;
  const piece = pieces[carrier];
  if (piece === undefined) return;
  pieces[carrier] = undefined;
  if (piece.parted) keeper?.ended(piece);
}

/** So many things at most: each is looked at whenever one of those microtasks is suspended. */
const MOST_LEFT = 1024;

/** Things that the next microtasks of a piece of work inherit, by {@link workHere}; empty when the loop has turned. */
const left = new Map<object, Map<object, Left>>();
const program = {};

function leaveGiven({ keeps, keepsUnheard }: Keeper, carrier: number, work: object): void {
  const self = selves[carrier];
  if (keepsUnheard(self)) leaveTo(work, self, 'made');
  for (const arg of each(given[carrier] ?? [])) if (keeps(arg)) leaveTo(work, arg, 'made');
}

const workOf = (context: Context | undefined): object => context?.entry ?? context?.task ?? program;

/** Identifies the callback, task or program that the running code, or microtask, is a part of. */
export const workHere = (): object => workOf(currentContext());

/** Triples that were left since {@link left} was looked at last: nearly always nothing is suspended before the loop turns. */
const leaving: unknown[] = [];

/** Has the events of `thing` wait for the next microtasks of `work`, if they are suspended: until the loop turns. */
export function leaveTo(work: object, thing: object, how: Left = 'awaited'): void {
  if (leaving.length === 0 && left.size === 0) globals.setImmediate(forgetLeft).unref();
  leaving[leaving.length] = work;
  leaving[leaving.length] = thing;
  leaving[leaving.length] = how;
}

/** Sorts what is {@link leaving}. */
function sortLeft(): void {
  for (let i = 0; i < leaving.length; i += 3) {
    const work = leaving[i] as object;
    const thing = leaving[i + 1] as object;
    const how = leaving[i + 2] as Left;
    const things = left.get(work) ?? new Map<object, Left>();
    left.set(work, things);
    if (how === 'awaited' || (things.size < MOST_LEFT && !things.has(thing))) things.set(thing, how);
  }
  leaving.length = 0;
}

function forgetLeft(): void {
  leaving.length = 0;
  if (left.size > 0) left.clear();
}

/** The things that the next microtasks of the running code inherit, for {@link inherit}; usually undefined. */
export function leftHere(): Map<object, Left> | undefined {
  if (leaving.length > 0) sortLeft();
  return left.size === 0 ? undefined : left.get(workHere());
}

/** Has the running code inherit what was left to the code that has registered it. */
export function inherit(things: Map<object, Left>): void {
  sortLeft();
  if (left.size === 0) globals.setImmediate(forgetLeft).unref();
  left.set(workHere(), things);
}

/** Notes that the running piece has made `thing`, or has had it do what its events tell of. */
export function madeHere(thing: object): void {
  if (keeper === undefined) return;
  const carrier = currentCarrier();
  if (carrier === 0) return;
  const piece = currentPiece(carrier);
  if (piece === undefined) return;
  piece.things.add(thing);
  leaveTo(piece.work, thing, 'made');
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
  if (!isCallback) afterMicrotask(() => piece.parted || over(piece));
  return piece;
}

/** Calls `fn` when the running microtask has ended or is suspended, if the queue is empty or it begins a microtask. */
function afterMicrotask(fn: () => void): void {
  void whenSettled(settled, fn);
}

function over(piece: Piece): void {
  if (pieces[piece.carrier] === piece) pieces[piece.carrier] = undefined;
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

/** To be called where the running piece is suspended; gives it if it has something that is kept. */
export function suspendPiece(carrier: number, wait: PieceWait): Piece | undefined {
  const args = given[carrier];
  suspendedPieces[carrier] = runningPiece(carrier);
  waits[carrier] = wait;
  // A regular expression at each await_() would cost too much.
  if (includes(FIRST_LETTERS, wait.what[0])) mayBlock.add(carrier);
  if (keeper === undefined) return undefined;
  const inherited = leftHere();
  let piece = inherited === undefined ? pieces[carrier] : currentPiece(carrier);
  if (args === undefined) {
    if (piece === undefined || piece.turn !== turnOf(carrier)) return undefined;
  } else if (piece === undefined) {
    if (!some(args, keeper.keeps) && !isOvertaken(carrier, wait) && !keeper.keepsUnheard(selves[carrier]))
      return undefined;
    piece = pieces[carrier] = new Piece(carrier, 0);
  }
  if (!piece.parted) {
    const lender = selves[carrier];
    if (args !== undefined && keeper.keepsUnheard(lender)) piece.lender = lender;
    for (const arg of each(args ?? [])) if (keeper.keeps(arg)) piece.things.add(arg);
  }
  piece.inOrderOf = isOvertaken(carrier, wait) ? (selves[carrier] as object) : undefined;
  if (piece.inOrderOf !== undefined) inOrder.add(piece.inOrderOf);
  piece.parted = true;
  piece.suspended = true;
  piece.inherited = inherited;
  keeper.suspended(piece, wait);
  piece.things.clear();
  piece.inherited = undefined;
  return piece;
}

// In plain Node a listener is called again when it has returned: the next line, chunk or message must not overtake it.
const isOvertaken = (carrier: number, wait: PieceWait): boolean =>
  mayBlock.has(carrier) && blocksAndEnds(wait.what) && keeper?.isInOrder(selves[carrier]) === true;

/** To be called where it goes on. */
export function pieceGoesOn(carrier: number, piece: Piece | undefined): void {
  waits[carrier] = undefined;
  if (mayBlock.size > 0) mayBlock.delete(carrier);
  if (piece === undefined) return;
  piece.suspended = false;
  if (piece.inOrderOf !== undefined) inOrder.delete(piece.inOrderOf);
  keeper?.goesOn(piece);
  if (given[piece.carrier] !== undefined) return;
  // The hub resumes only when no microtask is left: so this one is the first after the piece.
  afterMicrotask(() => {
    if (piece.suspended || pieces[piece.carrier] !== piece) return;
    over(piece);
    keeper?.ended(piece);
  });
}

/** Has a listener of `emitter` be called later, if one before it is suspended. @returns false if it may be called now */
export const waitsItsTurn = (emitter: unknown, call: () => void): boolean =>
  inOrder.size > 0 && inOrder.has(emitter as object) && keeper?.keepsCall(emitter as object, call) === true;

/** Tells a carrier's suspended piece from the others that it may have. */
export const suspendedPiece = (carrier: number): number => suspendedPieces[carrier] as number;

/** True while a carrier's piece of that number is suspended where plain Node blocks, and goes on whatever else happens. */
export function holdsCallbacks(carrier: number, piece: number): boolean {
  const wait = waits[carrier];
  return wait !== undefined && suspendedPieces[carrier] === piece && blocksAndEnds(wait.what);
}

/** The pieces that are suspended where plain Node blocks. */
export function blockedPieces(): { readonly carrier: number; readonly piece: number }[] {
  const found: { carrier: number; piece: number }[] = [];
  for (const carrier of mayBlock) {
    const piece = suspendedPiece(carrier);
    if (holdsCallbacks(carrier, piece)) push(found, { carrier, piece });
  }
  return found;
}

/** The same, each as a function that tells whether it, and all that waits for it, is over. */
export function blockingPieces(): readonly (() => boolean)[] {
  return map(blockedPieces(), ({ carrier, piece: number }) => {
    const piece = pieces[carrier];
    return () => !holdsCallbacks(carrier, number) && (piece === undefined || keeper?.isOver(piece) !== false);
  });
}

/** Of the names that {@link blocksAndEnds} accepts. */
const FIRST_LETTERS: readonly unknown[] = ['A', 'c', 'd', 'f', 's', 'z'];

/** True for a wait, named as in the task dump, that ends whatever becomes of what the program has made. */
export const endsSoon = (what: string): boolean =>
  exec(/^(child process|crypto|dns|fs|slice|zlib)\b/, what) !== null;

/** The same, also if a program can make it as long as it likes. */
export const endsByItself = (what: string): boolean =>
  endsSoon(what) || exec(/^(Atomics\.wait|sleepSync)\b/, what) !== null;

/** The same of the waits that plain Node has: in a loop of `sleepSync()` a program may well wait for a callback. */
export const blocksAndEnds = (what: string): boolean =>
  endsSoon(what) || exec(/^Atomics\.wait for\b/, what) !== null;

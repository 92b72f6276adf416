// A callback that a piece (pieces.ts) hands over for the end of some work is, in plain Node, never called before that
// piece has ended. So while the piece is suspended where plain Node blocks, in a wait that ends by itself, its callbacks wait
// for it, in the order in which they came: a library that flushes and sleeps in between is not entered from behind. A wait for
// what the program itself does, such as await_(), may be one for just that callback: there it is called at once.
// Work that Node does by itself, in plain Node after any piece, waits for all that are suspended like that: holdWork().
// Guarded by test/monkey/builtins/fs/callbacks-of-pieces.test.ts.
import { asyncScopeHere } from '../base/async-scope.js';
import { globals } from '../base/builtins.js';
import { each, filter, find, findIndex, push, some, splice } from '../base/primordials.js';
import { currentCarrier } from './native-core.js';
import { blockingPieces, holdsCallbacks, runningPiece } from './pieces.js';

/** The piece that has handed over a callback. */
export interface Origin {
  readonly carrier: number;
  readonly piece: number;
}

interface Held {
  readonly origin: Origin;
  readonly give: () => void;
}

/** By carrier; nearly always there is none. */
const queues = new Map<number, Held[]>();

/** The running piece; undefined on the main stack, where nothing is suspended. */
export function originHere(): Origin | undefined {
  const carrier = currentCarrier();
  return carrier === 0 ? undefined : { carrier, piece: runningPiece(carrier) };
}

const isOf = ({ carrier, piece }: Origin, { origin }: Held): boolean =>
  origin.piece === piece && origin.carrier === carrier;

/** True if what `origin` has handed over must wait for it, or for what it has handed over before. */
export function mustWait(origin: Origin): boolean {
  if (isBlocking(origin)) return true;
  const queue = queues.get(origin.carrier);
  return queue !== undefined && findIndex(queue, (held) => isOf(origin, held)) >= 0;
}

/** Has `callback` wait, and called in the async context of now. */
export function holdCallback(origin: Origin, callback: () => void): void {
  const inScope = asyncScopeHere('AeventHeldCallback');
  const give = (): void => inScope(callback);
  const queue = queues.get(origin.carrier);
  if (queue === undefined) queues.set(origin.carrier, [{ origin, give }]);
  else push(queue, { origin, give });
}

/** True while `origin` is suspended where plain Node blocks. */
export const isBlocking = ({ carrier, piece }: Origin): boolean => holdsCallbacks(carrier, piece);

/** To be called where the code of a carrier goes on: until it is suspended again or ends, nothing else runs. */
export function giveHeldCallbacks(carrier: number): void {
  if (queues.has(carrier)) globals.setImmediate(giveNext, carrier);
  if (works.length > 0) giveWorksSoon();
}

/** Each in a turn of its own, as they would have come. */
function giveNext(carrier: number): void {
  const queue = queues.get(carrier);
  const at =
    queue === undefined ? -1 : findIndex(queue, ({ origin }) => !holdsCallbacks(carrier, origin.piece));
  const held = queue?.[at];
  if (queue === undefined || held === undefined) return;
  splice(queue, at, 1);
  if (queue.length === 0) queues.delete(carrier);
  else globals.setImmediate(giveNext, carrier);
  held.give();
}

/** Work of Node's, and the pieces that it waits for, as {@link blockingPieces} gives them. */
interface HeldWork {
  readonly areOver: readonly (() => boolean)[];
  readonly give: () => void;
}
let works: readonly HeldWork[] = [];
let willLook = false;

/**
 * Has work of Node's wait for the pieces that are suspended now where plain Node blocks, and for the events that wait for them; it is
 * done in the async context of now.
 * @returns false if there is no such piece: then it is not done
 */
export function holdWork(work: () => void): boolean {
  const areOver = blockingPieces();
  if (areOver.length === 0) return false;
  const inScope = asyncScopeHere('AeventHeldWork');
  works = [...each(works), { areOver, give: () => inScope(work) }];
  return true;
}

/** To be called when a piece has gone on. */
function giveWorksSoon(): void {
  if (willLook) return;
  willLook = true;
  globals.setImmediate(giveWorks);
}

const isDue = ({ areOver }: HeldWork): boolean => !some(areOver, (isOver) => !isOver());

/** One a turn: a listener that throws in it keeps nothing from the others. */
function giveWorks(): void {
  willLook = false;
  const due = find(works, isDue);
  works = filter(works, (work) => work !== due);
  // Events that have waited for a piece are given in ticks and immediates.
  if (works.length > 0 && (due !== undefined || blockingPieces().length === 0)) giveWorksSoon();
  due?.give();
}

// A callback that a piece (pieces.ts) hands over for the end of some work is, in plain Node, never called before that
// piece has ended. So while the piece is suspended where plain Node blocks, in a wait that ends by itself, its callbacks wait
// for it, in the order in which they came: a library that flushes and sleeps in between is not entered from behind. A wait for
// what the program itself does, such as await_(), may be one for just that callback: there it is called at once.
// Guarded by test/monkey/builtins/fs/callbacks-of-pieces.test.ts.
import { asyncScopeHere } from '../base/async-scope.js';
import { globals } from '../base/builtins.js';
import { findIndex, push, splice } from '../base/primordials.js';
import { currentCarrier } from './native-core.js';
import { holdsCallbacks, runningPiece } from './pieces.js';

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
  if (holdsCallbacks(origin.carrier, origin.piece)) return true;
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

/** To be called where the code of a carrier goes on: until it is suspended again or ends, nothing else runs. */
export function giveHeldCallbacks(carrier: number): void {
  if (queues.has(carrier)) globals.setImmediate(giveNext, carrier);
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

// A callback that a piece (pieces.ts) hands over for the end of some work is, in plain Node, never called before that
// piece has ended. So while the piece is suspended where plain Node blocks, in a wait that ends by itself, its callbacks wait
// for it, in the order in which they came: a library that flushes and sleeps in between is not entered from behind. A wait for
// what the program itself does, such as await_(), may be one for just that callback: there it is called at once.
// Work that Node does by itself, in plain Node after any piece, waits for all that are suspended like that: holdWork().
// Guarded by test/monkey/builtins/fs/callbacks-of-pieces.test.ts.
import { asyncScopeHere } from '../base/async-scope.js';
import { globals } from '../base/builtins.js';
import { push, shift, some } from '../base/primordials.js';
import type { Line } from './line.js';
import { blockedLines, isBlockedAnywhere } from './pieces.js';

/** By the line of the piece that has handed them over; nearly always there is none. */
const queues = new Map<Line, (() => void)[]>();

/** True if what a piece has handed over must wait for it and those that follow it, or for what they have handed over before. */
export const mustWait = (line: Line): boolean => line.blocked > 0 || queues.has(line);

/** Has `callback` wait, and called in the async context of now. */
export function holdCallback(line: Line, callback: () => void): void {
  const inScope = asyncScopeHere('AeventHeldCallback');
  const give = (): void => inScope(callback);
  const queue = queues.get(line);
  if (queue === undefined) queues.set(line, [give]);
  else push(queue, give);
}

/** To be called where a piece goes on: until it is suspended again or ends, nothing else runs. */
export function giveHeldCallbacks(line: Line | undefined): void {
  if (line !== undefined && queues.has(line)) globals.setImmediate(giveNext, line);
  if (works.size > 0) giveWorksSoon();
}

/** Each in a turn of its own, as they would have come. */
function giveNext(line: Line): void {
  const queue = queues.get(line);
  if (queue === undefined || line.blocked > 0) return;
  const give = shift(queue);
  if (queue.length === 0) queues.delete(line);
  else globals.setImmediate(giveNext, line);
  give?.();
}

/** Work of Node's, and the lines that it waits for. */
interface HeldWork {
  readonly lines: readonly Line[];
  readonly give: () => void;
}
const works = new Set<HeldWork>();
let willLook = false;

/**
 * Has work of Node's wait for the pieces that are suspended now where plain Node blocks, and for the events that wait for them; it is
 * done in the async context of now.
 * @returns false if there is no such piece: then it is not done
 */
export function holdWork(work: () => void): boolean {
  const lines = blockedLines();
  if (lines.length === 0) return false;
  const inScope = asyncScopeHere('AeventHeldWork');
  works.add({ lines, give: () => inScope(work) });
  return true;
}

/** To be called when a piece has gone on. What it asks for immediately comes first, as it would come before the loop's next poll. */
function giveWorksSoon(): void {
  if (willLook) return;
  willLook = true;
  globals.setImmediate(() => globals.setImmediate(giveWorks));
}

const isDue = ({ lines }: HeldWork): boolean => !some(lines, (line) => !line.isOver);

function firstDue(): HeldWork | undefined {
  for (const work of works) if (isDue(work)) return work;
  return undefined;
}

/** One a turn: a listener that throws in it keeps nothing from the others. */
function giveWorks(): void {
  willLook = false;
  const due = firstDue();
  if (due !== undefined) works.delete(due);
  // Events that have waited for a piece are given in ticks and immediates.
  if (works.size > 0 && (due !== undefined || !isBlockedAnywhere())) giveWorksSoon();
  due?.give();
}

// Node runs microtasks and ticks before anything else happens: after a callback, and after an event that code waits for by `await`. So
// they inherit the emitter whose listener that was, the things that it was given and has made, and those whose events wait for it: the events of these
// wait for them, too, if they are suspended. All is forgotten when the loop turns. Nearly always nothing is suspended before
// that, so the things are only noted, and sorted when they are asked for.
// Guarded by test/monkey/made-then-listened.test.ts and test/monkey/in-order.test.ts.
import { pop } from '../base/primordials.js';
import { type Context, currentContext } from './context.js';

/**
 * How a thing is left: its next event must not overtake, it was waited for, or it was given or made and may be another's; by rank. Or it
 * is the line of the pieces before (pieces.ts).
 */
export type Left = 'inOrder' | 'awaited' | 'made' | 'line';
const RANK = { line: 0, inOrder: 0, awaited: 1, made: 2 } as const;

export type Things = Map<object, Left>;

/** Finds the things among a callback's `this` and arguments that are left, and how. */
export type Sort = (
  self: unknown,
  args: ArrayLike<unknown>,
  leave: (thing: object, how: Left) => void,
) => void;

/** By this a tick inherits from the callback, or microtask, that asks for it. */
export interface Heritage {
  readonly work: object;
  /** Of the callback. */
  readonly self: unknown;
  readonly args: ArrayLike<unknown> | undefined;
  /** If it is a tick, the heritage that the first code hands on that has asked for ticks. */
  readonly above: Heritage | undefined;
}

/** So many things at most: each is looked at whenever one of those microtasks is suspended. */
const MOST_LEFT = 1024;
/** With so many of them {@link leaving} is sorted. */
const MOST_LEAVING = 4096;

/** By {@link workHere}. */
const left = new Map<object, Things>();
/** Triples: a work, a thing, and how it is left. */
const leaving: unknown[] = [];
/** Triples: the work of a callback that has ended, its `this`, and its arguments. Of the last ones only: a turn may have millions. */
const ended: unknown[] = [];
let endedCount = 0;
const MOST_ENDED = 256;
/** How often the loop has turned, as the core counts it: an immediate would be seen by async hooks. */
let turns: Float64Array | undefined;
let turn = 0;
let sort: Sort = () => {};
const program = {};

/** Identifies the callback, task or program that code in `context` is a part of. */
export const workOf = (context: Context | undefined): object => context?.entry ?? context?.task ?? program;

/** Identifies the callback, task or program that the running code, or microtask, is a part of. */
export const workHere = (): object => workOf(currentContext());

export function sortWith(by: Sort): void {
  sort = by;
}

/** Starts to leave things. */
export function forgetEachTurn(count: Float64Array): void {
  turns = count;
}

/** Leaves `thing` to the next microtasks of `work`. */
export function leaveTo(work: object, thing: object, how: Left = 'awaited'): void {
  forgetLeft();
  const at = leaving.length;
  leaving[at] = work;
  leaving[at + 1] = thing;
  leaving[at + 2] = how;
  if (at >= 3 * MOST_LEAVING) sortLeft();
}

/** Leaves to them the `this` and the arguments of a callback that has ended. */
export function leaveGiven(work: object, self: unknown, args: ArrayLike<unknown>): void {
  forgetLeft();
  const at = 3 * (endedCount++ % MOST_ENDED);
  ended[at] = work;
  ended[at + 1] = self;
  ended[at + 2] = args;
}

/** To be called when a callback begins, so that the arguments of the last one are not kept from the collector. */
export function forgetLeft(): void {
  const now = turns?.[0] ?? 0;
  if (now === turn) return;
  turn = now;
  forget();
  if (left.size > 0) left.clear();
}

/** Each turn of the loop: V8 sets the length of a list by a call of its runtime, which takes longer. */
function forget(): void {
  while (leaving.length > 0) pop(leaving);
  while (ended.length > 0) pop(ended);
  endedCount = 0;
}

function add(things: Things, thing: object, how: Left): void {
  const before = things.get(thing);
  if (before === undefined ? things.size < MOST_LEFT || how !== 'made' : RANK[how] < RANK[before])
    things.set(thing, how);
}

function thingsOf(work: object): Things {
  const found = left.get(work) ?? new Map<object, Left>();
  left.set(work, found);
  return found;
}

function sortLeft(): void {
  for (let i = 0; i < ended.length; i += 3) {
    const work = ended[i] as object;
    sort(ended[i + 1], ended[i + 2] as ArrayLike<unknown>, (thing, how) => add(thingsOf(work), thing, how));
  }
  for (let i = 0; i < leaving.length; i += 3)
    add(thingsOf(leaving[i] as object), leaving[i + 1] as object, leaving[i + 2] as Left);
  forget();
}

/** The things that the running code inherits, as a microtask, and as a tick with `heritage`; usually undefined. */
export function leftHere(heritage: Heritage | undefined): Things | undefined {
  forgetLeft();
  if (leaving.length > 0 || ended.length > 0) sortLeft();
  const own = left.size === 0 ? undefined : left.get(workHere());
  if (heritage === undefined) return own;
  const all: Things = new Map(own);
  for (let from: Heritage | undefined = heritage; from !== undefined; from = from.above) {
    if (from.args !== undefined) sort(from.self, from.args, (thing, how) => add(all, thing, how));
    left.get(from.work)?.forEach((how, thing) => {
      add(all, thing, how);
    });
  }
  return all.size === 0 ? undefined : all;
}

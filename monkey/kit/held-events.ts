// Events of what a suspended piece of synchronous code has made, was given first, or (a stream) has set flowing by a listener,
// wait for that piece: in plain Node none of them could come before it has added its listeners. See runtime/suspension/pieces.ts. The rules:
//
// - Node's own listeners get an event at once: its machinery depends on them. So do a program's that are there, for which a
//   task may be waiting, unless the piece is suspended in a call that ends by itself. An event that no listener of the
//   program hears, or that all of them wait for, is kept until the piece has ended, unless the piece itself waited for it.
// - A listener that is suspended where plain Node blocks gets the next event of its emitter, and of its kin (kin.ts), when it has returned,
//   and so do all others that the program has added. The requests of a server do not wait for each other: see serving.ts.
// - When the piece has ended, those that listen by then get what was kept, in order; an 'error' without a listener is
//   thrown then. While it is suspended again, and when a listener is added by others, what has a listener by then is given
//   to it: a task may wait for that, too.
// - An emitter that comes with a kept event is kept with it.
//
// An emitter has a method `emit` of its own for as long as that: nothing else costs anything, and the piece never sees it. An
// EventTarget has one by which Node dispatches its events. Its listeners that Node and aevent have added get an event at once.

import type { EventEmitter } from 'node:events';
import { builtin } from '../../runtime/base/builtins.js';
import { call, each, push } from '../../runtime/base/primordials.js';
import { isNodes } from '../../runtime/suspension/internally.js';
import { type Keeper, keepWith, madeHere, type Piece } from '../../runtime/suspension/pieces.js';
import { type Held, Hold } from './held.js';
import { HeldEmitter } from './held-emitter.js';
import { HeldQueue } from './held-queue.js';
import { HeldTarget } from './held-target.js';
import { KeptCall } from './kept-work.js';
import { isEmitter, isMessage, isObject, kinOf, partsOf } from './kin.js';
import { isServer, serves } from './serving.js';
import './streams-left.js';
import { isTarget, watchTargets } from './target-internals.js';

const { EventEmitter: Emitter } = builtin<typeof import('node:events')>('events');
const nodeProcess: unknown = builtin<typeof import('node:process')>('process');
const { listenerCount } = Emitter.prototype;

const queues = new WeakMap<Piece, HeldQueue>();

function heldOf(value: unknown): Held | undefined {
  if (!isObject(value)) return undefined;
  if (isEmitter(value)) return HeldEmitter.of(value);
  return watches && isTarget(value) ? HeldTarget.of(value) : undefined;
}

function hold(queue: HeldQueue, thing: object, how: Hold): void {
  const held = heldOf(thing);
  if (held === undefined) return;
  queue.hold(held, how);
  if (!isEmitter(thing)) return;
  if (how === Hold.all) queue.stopReading(thing);
  for (const part of each(partsOf(thing))) {
    const ofPart = HeldEmitter.of(part);
    if ('spawnfile' in thing) ofPart.child ??= thing;
    queue.hold(ofPart, how);
    if (how === Hold.all) queue.stopReading(part);
  }
}

/** The messages of http that a piece has been given, or left. */
function messagesOf({ things, inherited, inOrderOf }: Piece): readonly object[] {
  const found: object[] = [];
  const note = (thing: object): void => {
    if (isMessage(thing)) push(found, thing);
  };
  for (const thing of things) note(thing);
  inherited?.forEach((_, thing) => {
    note(thing);
  });
  for (const thing of inOrderOf) note(thing);
  return found;
}

/** True for a server whose connections have a listener: its handlers are independent, and there are many. */
const isHeardByAll = (server: EventEmitter): boolean => call(listenerCount, server, 'connection') > 0;

const keeper: Keeper = {
  keeps: (value): value is object => isEmitter(value) || (watches && isObject(value) && isTarget(value)),
  isInOrder: (value): value is object =>
    isEmitter(value)
      ? value !== nodeProcess && !serves(value)
      : watches && isObject(value) && isTarget(value),
  kinOf: (emitter) => (isEmitter(emitter) ? kinOf(emitter) : []),
  keepsUnheard: (value): value is object =>
    isEmitter(value) && value !== nodeProcess && !(isServer(value) && isHeardByAll(value)),
  keepsCall(emitter, listen) {
    const held = heldOf(emitter);
    const queue = held?.keeper;
    if (held === undefined || queue?.keepsOrderOf(held) !== true) return false;
    return (
      !(held instanceof HeldEmitter && held.emitsApart) &&
      queue.keep(new KeptCall(held, listen, { isNext: true }))
    );
  },
  serves: (value) => isEmitter(value) && serves(value),
  keepsNext(piece, emitter, listen) {
    const held = heldOf(emitter);
    const queue = queues.get(piece);
    if (held === undefined || queue === undefined) return false;
    // It waits for that piece, though events of the emitter do not.
    return queue.keep(new KeptCall(held, listen, { isNext: true, isDue: () => !piece.blocks }));
  },
  isOver: (piece) => queues.get(piece)?.isOver !== false,
  suspended(piece, wait) {
    const queue = queues.get(piece) ?? new HeldQueue(piece, heldOf);
    queues.set(piece, queue);
    for (const thing of piece.things) hold(queue, thing, Hold.all);
    piece.inherited?.forEach((how, thing) => {
      if (how === 'awaited') hold(queue, thing, Hold.noBytes);
      else if (how === 'made' && piece.blocks) hold(queue, thing, Hold.left);
    });
    if (piece.lender !== undefined) hold(queue, piece.lender, Hold.unheard);
    for (const emitter of each([...piece.inOrderOf, ...each(piece.touched)])) {
      const inOrder = heldOf(emitter);
      if (inOrder !== undefined) queue.hold(inOrder, Hold.inOrder);
    }
    queue.suspended(wait, messagesOf(piece));
  },
  goesOn(piece) {
    queues.get(piece)?.goesOn();
  },
  ended(piece, returned) {
    queues.get(piece)?.ended(returned);
  },
};

keepWith(keeper);

// The targets that a Worker, say, has inside belong to its machinery.
const watches = watchTargets((target) => {
  if (!isNodes()) madeHere(target);
});

/** Has the events of an emitter that was made just now wait for the code that made it, for as long as that is suspended. */
export function keepEventsOf<T>(made: T): T {
  if (typeof made === 'object' && made !== null) madeHere(made);
  return made;
}

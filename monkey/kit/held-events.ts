// Events of what a suspended piece of synchronous code has made, or was given first, wait for that piece: in plain Node
// none of them could come before it has added its listeners. See runtime/suspension/pieces.ts. The rules:
//
// - Node's own listeners get an event at once: its machinery depends on them. So do a program's that are there, for which a
//   task may be waiting, unless the piece is suspended in a call that ends by itself. An event that no listener of the
//   program hears, or that all of them wait for, is kept until the piece has ended, unless the piece itself waited for it.
// - When the piece has ended, those that listen by then get what was kept, in order; an 'error' without a listener is
//   thrown then. While it is suspended again, and when a listener is added by others, what has a listener by then is given
//   to it: a task may wait for that, too.
// - An emitter that comes with a kept event is kept with it.
//
// An emitter has a method `emit` of its own for as long as that: nothing else costs anything, and the piece never sees it.
import type { EventEmitter } from 'node:events';
import { builtin } from '../../runtime/base/builtins.js';
import { call, each, filter, map } from '../../runtime/base/primordials.js';
import { type Keeper, keepWith, madeHere, type Piece } from '../../runtime/suspension/pieces.js';
import { HeldQueue } from './held-queue.js';

const { EventEmitter: Emitter } = builtin<typeof import('node:events')>('events');
const { isProxy } = builtin<typeof import('node:util')>('util').types;
const { isPrototypeOf: isInChainOf } = Object.prototype;

/** Properties with emitters that belong to one that was made: a child's streams, a request's socket, a cluster worker's process. */
const PARTS = ['stdin', 'stdout', 'stderr', 'socket', 'process'] as const;

const queues = new WeakMap<Piece, HeldQueue>();

function isEmitter(value: unknown): value is EventEmitter {
  return (
    typeof value === 'object' &&
    value !== null &&
    !isProxy(value) &&
    call(isInChainOf, Emitter.prototype, value)
  );
}

function partsOf(emitter: EventEmitter): EventEmitter[] {
  const values = map(PARTS, (name): unknown => Object.getOwnPropertyDescriptor(emitter, name)?.value);
  return filter(values, isEmitter) as EventEmitter[];
}

const keeper: Keeper = {
  keeps: isEmitter,
  suspended(piece, wait) {
    const queue = queues.get(piece) ?? new HeldQueue(piece, isEmitter);
    queues.set(piece, queue);
    for (const thing of piece.things) {
      if (!isEmitter(thing)) continue;
      queue.hold(thing);
      for (const part of each(partsOf(thing))) queue.hold(part, 'spawnfile' in thing ? thing : undefined);
    }
    queue.suspended(wait);
  },
  goesOn(piece) {
    queues.get(piece)?.goesOn();
  },
  ended(piece) {
    queues.get(piece)?.ended();
  },
};

keepWith(keeper);

/** Has the events of an emitter that was made just now wait for the code that made it, for as long as that is suspended. */
export function keepEventsOf<T>(made: T): T {
  if (typeof made === 'object' && made !== null) madeHere(made);
  return made;
}

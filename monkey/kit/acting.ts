// Methods by which a program has an emitter do what its events tell of: `end()`, `close()`. Those events wait for the code that has
// called the method, as those of an emitter do for the code that has made it: see held-events.ts.
import type { EventEmitter } from 'node:events';
import { type AnyFunction, disguise } from '../../runtime/base/disguise.js';
import { each } from '../../runtime/base/primordials.js';
import { looksLike } from '../../runtime/suspension/in-task.js';
import { madeHere } from '../../runtime/suspension/pieces.js';
import { isAskedByNode } from '../../runtime/suspension/ticks.js';
import { isNodes } from './emitter-listeners.js';
import { HeldEmitter } from './held-emitter.js';

const NAMES = ['bind', 'close', 'connect', 'disconnect', 'kill', 'listen', 'resume', 'send', 'terminate'];

/** By Node's method: classes share theirs. */
const made = new WeakMap<AnyFunction, AnyFunction>();

/** Makes those methods of a class of emitters, to which `members` are added. */
export function actingMembers(prototype: object, members: PropertyDescriptorMap): PropertyDescriptorMap {
  const found: PropertyDescriptorMap = {};
  const add = (name: string, make: (original: AnyFunction) => AnyFunction): void => {
    const original: unknown = members[name]?.value ?? Reflect.get(prototype, name);
    if (typeof original !== 'function') return;
    const value = made.get(original as AnyFunction) ?? make(original as AnyFunction);
    made.set(original as AnyFunction, value);
    found[name] = { value, writable: true, configurable: true };
  };
  for (const name of each(NAMES)) add(name, noting(madeHere));
  add(
    'destroy',
    noting((emitter) => {
      madeHere(emitter);
      HeldEmitter.drop(emitter, ['data', 'readable', 'end'], isClosedByNode);
    }),
  );
  add(
    'end',
    noting((emitter, args) => {
      madeHere(emitter);
      putInTurn(emitter, args);
    }),
  );
  add('write', writing);
  return found;
}

/** True for a stream of HTTP/2 whose both sides have ended: Node destroys it, in listeners that may have become tasks. */
const isClosedByNode = (emitter: EventEmitter): boolean => 'rstCode' in emitter && isAskedByNode();

/** Makes a method that notes something of its object first, if it is the program that calls it. */
export const noting =
  <T extends object = EventEmitter>(note: (of: T, args: unknown[]) => void) =>
  <F extends AnyFunction>(original: F): F =>
    disguise(original, (self, args) => {
      if (!isNodes()) note(self as T, args);
      return Reflect.apply(original, self, args as never);
    });

/** One that returns false is followed by 'drain'. */
const writing = (original: AnyFunction): AnyFunction => {
  const { write } = {
    write(this: EventEmitter, ...args: unknown[]): unknown {
      if (typeof args[args.length - 1] === 'function' && !isNodes()) putInTurn(this, args);
      const goesOn: unknown = Reflect.apply(original, this, args as never);
      if (goesOn === false && !isNodes()) madeHere(this);
      return goesOn;
    },
  };
  return Object.defineProperties(write, Object.getOwnPropertyDescriptors(original)) as AnyFunction;
};

/** The streams of a program's own parts, each with the callback that it was given last and what stands for that. */
const ownParts = new WeakMap<object, { callback?: unknown; inTurn?: AnyFunction }>();

/** Has the callbacks that a program gives to the stream's `write()` and `end()` wait with its events. */
export function keepCallbacksOf(stream: object): void {
  ownParts.set(stream, {});
}

/**
 * Node calls back in ticks. In plain Node these come after the code in which the stream writes, here also while a part of the stream
 * is suspended in that code: a callback then waits for it, in order with the stream's events.
 */
function putInTurn(stream: EventEmitter, args: unknown[]): void {
  const callback = args[args.length - 1];
  const given = ownParts.get(stream);
  if (given === undefined || typeof callback !== 'function') return;
  // Node calls all of one function in one tick.
  if (given.callback !== callback) {
    given.callback = callback;
    given.inTurn = looksLike(callback as AnyFunction, (self, results) => {
      const call = (): unknown => Reflect.apply(callback, self, results as never);
      return HeldEmitter.keepsCallback(stream, call) ? undefined : call();
    });
  }
  args[args.length - 1] = given.inTurn;
}

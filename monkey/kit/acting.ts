// Methods by which a program has an emitter do what its events tell of: `end()`, `close()`. Those events wait for the code that has
// called the method, as those of an emitter do for the code that has made it: see held-events.ts.
import type { EventEmitter } from 'node:events';
import { type AnyFunction, disguise } from '../../runtime/base/disguise.js';
import { each } from '../../runtime/base/primordials.js';
import { madeHere } from '../../runtime/suspension/pieces.js';
import { isNodes } from './emitter-listeners.js';
import { HeldEmitter } from './held-emitter.js';

const NAMES = [
  'bind',
  'close',
  'connect',
  'disconnect',
  'end',
  'kill',
  'listen',
  'resume',
  'send',
  'terminate',
];

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
      HeldEmitter.destroyed(emitter);
    }),
  );
  add('write', writing);
  return found;
}

/** Makes one that notes something of the emitter first, if it is the program that calls it. */
const noting =
  (note: (emitter: EventEmitter) => void) =>
  (original: AnyFunction): AnyFunction =>
    disguise(original, (self, args) => {
      if (!isNodes()) note(self as EventEmitter);
      return Reflect.apply(original, self, args as never);
    });

/** One that returns false is followed by 'drain'. */
const writing = (original: AnyFunction): AnyFunction => {
  const { write } = {
    write(this: object, ...args: never[]): unknown {
      const goesOn: unknown = Reflect.apply(original, this, args);
      if (goesOn === false && !isNodes()) madeHere(this);
      return goesOn;
    },
  };
  return Object.defineProperties(write, Object.getOwnPropertyDescriptors(original)) as AnyFunction;
};

// Methods by which a program has an emitter do what its events tell of: `end()`, `close()`. Those events wait for the code that has
// called the method, as those of an emitter do for the code that has made it: see held-events.ts.

import type { EventEmitter } from 'node:events';
import { type AnyFunction, disguise } from '../../runtime/base/disguise.js';
import { each } from '../../runtime/base/primordials.js';
import { replaceMethodForATime } from '../../runtime/base/replace-method.js';
import { inTask, looksLike } from '../../runtime/suspension/in-task.js';
import { isNodes } from '../../runtime/suspension/internally.js';
import { followHere, madeHere, readHere } from '../../runtime/suspension/pieces.js';
import { hasPortal } from '../../runtime/suspension/portal.js';
import { isAskedByNode } from '../../runtime/suspension/ticks.js';
import { callbackAt } from './callback-in-task.js';
import { callAsListener } from './emitter-listeners.js';
import { HeldEmitter } from './held-emitter.js';
import { registered } from './late-listeners.js';

const NAMES = ['bind', 'close', 'connect', 'disconnect', 'kill', 'listen', 'resume', 'terminate'];
/** Those that take a callback, which is no listener. */
const CALLING_BACK = ['getConnections', 'ping', 'settings'];

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
  for (const name of ['end', 'send']) add(name, actingAndCalling);
  for (const name of each(CALLING_BACK)) add(name, noting(putInTurn));
  const noteFull = (emitter: EventEmitter, goesOn: unknown): void => {
    wasWritten(emitter);
    if (goesOn === false) madeHere(emitter); // 'drain' follows
  };
  add('write', noting(putInTurn, noteFull));
  add('pause', pausing);
  // Node asks for more when the code that has pushed has returned. It asks a transform for nothing but what was written.
  add(
    'push',
    noting((stream) => {
      if (!('_transform' in stream)) readHere(stream);
    }),
  );
  // Other code gets the next bytes when the piece has gone on.
  add(
    'read',
    noting(nothing, (stream, chunk) => {
      if (chunk !== null) readHere(stream);
    }),
  );
  return found;
}

/** True for a stream of HTTP/2 whose both sides have ended: Node destroys it, in listeners that may have become tasks. */
const isClosedByNode = (emitter: EventEmitter): boolean => 'rstCode' in emitter && isAskedByNode();

/**
 * Makes a method that notes something of its object, if it is the program that calls it.
 * @param note - is called before
 * @param noteResult - is called afterwards
 */
export const noting =
  <T extends object = EventEmitter>(
    note: (of: T, args: unknown[]) => void,
    noteResult?: (of: T, result: unknown) => void,
  ) =>
  <F extends AnyFunction>(original: F): F =>
    disguise(original, (self, args) => {
      if (!isNodes()) note(self as T, args);
      const result: unknown = Reflect.apply(original, self, args as never);
      if (noteResult !== undefined && !isNodes()) noteResult(self as T, result);
      return result;
    });

const nothing = (): void => {};

/** Makes a method that has an emitter do something, and takes a callback. */
export const actingAndCalling: <F extends AnyFunction>(original: F) => F = noting((emitter, args) => {
  madeHere(emitter);
  putInTurn(emitter, args);
}, wasWritten);

/**
 * Node notes that a stream is paused after the listeners of 'pause' have returned. In plain Node no other code has it flow before that;
 * here it may, while a listener is suspended. So the listeners are called when Node has noted it.
 */
function pausing(original: AnyFunction): AnyFunction {
  return disguise(original, (self, args) => {
    const stream = self as EventEmitter;
    if (registered(stream, 'pause').length === 0 || !hasPortal())
      return Reflect.apply(original, stream, args);
    let emits = false;
    const { emit } = stream;
    const emitOthers = (event: string | symbol, ...rest: unknown[]): boolean => {
      if (event !== 'pause') return Reflect.apply(emit, stream, [event, ...each(rest)]);
      emits = true;
      return true;
    };
    const putBack = replaceMethodForATime(stream, 'emit', emitOthers);
    try {
      Reflect.apply(original, stream, args);
    } finally {
      putBack();
    }
    if (emits) stream.emit('pause');
    return stream;
  });
}

/** By an emitter, the callback that `write()`, `end()` or the like was given last, and what stands for that. */
const callbacks = new WeakMap<object, { callback: AnyFunction; inTurn: AnyFunction }>();

/** The message of http that is written to. */
let written: (EventEmitter & { readonly socket?: unknown }) | undefined;

/**
 * Has the callback of `write()`, `end()` or the like be called in its turn, as a task. What a message of http writes to its socket has
 * Node's own callback, or the message's, which is in turn already.
 */
function putInTurn(emitter: EventEmitter, args: unknown[]): void {
  if (written?.socket === emitter) return;
  if (Object.hasOwn(emitter, 'outputData')) written = emitter;
  const at = callbackAt(args);
  const callback = args[at];
  if (typeof callback !== 'function') return;
  let given = callbacks.get(emitter);
  // Node calls all of one function in one tick.
  if (given?.callback !== callback) {
    given = { callback: callback as AnyFunction, inTurn: inTurn(emitter, callback as AnyFunction) };
    callbacks.set(emitter, given);
  }
  args[at] = given.inTurn;
}

/** Ends that: bytes that a program writes to the socket itself are not the message's. */
function wasWritten(emitter: EventEmitter): void {
  if (written === emitter) written = undefined;
}

/**
 * Node calls back in ticks. In plain Node these come after the code in which the stream writes, here also while a part of the stream, a
 * listener or another callback of its is suspended in that code: a callback then waits for it, in order with the stream's events.
 */
export function inTurn(stream: EventEmitter, callback: AnyFunction): AnyFunction {
  const following = function (this: unknown, ...results: never[]): unknown {
    followHere(stream);
    return Reflect.apply(callback, this, results);
  };
  const entered = inTask(following);
  if (entered === following) return callback;
  return looksLike(callback, (self, results) => {
    const enter = (): unknown =>
      hasPortal()
        ? callAsListener(stream, callback, self, results)
        : Reflect.apply(entered, self, results as never);
    return HeldEmitter.keepsCallback(stream, enter) ? undefined : enter();
  });
}

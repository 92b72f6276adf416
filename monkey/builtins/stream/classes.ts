// The classes of streams: their listeners, and what they are made of (`read`, `write`, `transform` …), may suspend.
import type { EventEmitter } from 'node:events';
import { builtin } from '../../../runtime/base/builtins.js';
import { type AnyFunction, disguise } from '../../../runtime/base/disguise.js';
import { madeHere } from '../../../runtime/suspension/pieces.js';
import { adopt } from '../../kit/adopt.js';
import { entering, listenersInTasks } from '../../kit/emitter-listeners.js';
import { keepEventsOf } from '../../kit/held-events.js';
import { taskClass } from '../../kit/replace-class.js';
import './sync-methods.js';
import { each, ownValue } from '../../../runtime/base/primordials.js';

type StreamModule = typeof import('node:stream');
type Part = Record<PropertyKey, unknown>;

const real = builtin<StreamModule>('stream');

/** The parts of a stream: given as options, or as methods of a subclass. */
const PARTS = ['_construct', '_read', '_write', '_writev', '_transform', '_flush', '_final', '_destroy'];

/** Has the parts of a stream that a program brought run in tasks. What the stream does meanwhile, it does for the code that a part runs in. */
function partsInTasks(made: object, nodes: object): void {
  const stream = made as Part;
  for (const name of each(PARTS)) {
    const part = stream[name];
    if (typeof part !== 'function' || part === (nodes as Part)[name]) continue;
    const noted = function (this: object, ...args: never[]): unknown {
      madeHere(this);
      return Reflect.apply(part, this, args);
    };
    const entered = entering(noted);
    if (entered === noted) continue;
    const enumerable = Object.hasOwn(stream, name);
    Object.defineProperty(stream, name, { value: entered, writable: true, configurable: true, enumerable });
  }
}

function streamClass<C extends abstract new (...args: never[]) => EventEmitter>(realClass: C): C {
  const made = taskClass(realClass, listenersInTasks(realClass.prototype), {
    after: (stream) => partsInTasks(stream, realClass.prototype),
  });
  for (const name of ['from', 'fromWeb', 'wrap']) {
    const original = ownValue(realClass, name);
    if (typeof original === 'function') Object.defineProperty(made, name, adopting(original as AnyFunction));
  }
  return made;
}

/** Describes a static function that makes a stream. */
function adopting(original: AnyFunction): PropertyDescriptor {
  return {
    value: disguise(original, (self, args) =>
      adopt(keepEventsOf(Reflect.apply(original, self, args as never))),
    ),
  };
}

/** The replaced classes. */
export const Stream: StreamModule = taskClass(real, listenersInTasks(real.prototype));
export const Readable: StreamModule['Readable'] = streamClass(real.Readable);
export const Writable: StreamModule['Writable'] = streamClass(real.Writable);
export const Duplex: StreamModule['Duplex'] = streamClass(real.Duplex);
export const Transform: StreamModule['Transform'] = streamClass(real.Transform);
export const PassThrough: StreamModule['PassThrough'] = streamClass(real.PassThrough);

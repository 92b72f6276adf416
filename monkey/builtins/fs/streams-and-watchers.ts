// Streams and watchers. Their classes are Node's own: it loads those of the streams when a program first asks for one.
import type { EventEmitter } from 'node:events';
import type { AnyFunction } from '../../../runtime/base/disguise.js';
import { actingMembers } from '../../kit/acting.js';
import { adopt, adoptBy, isAdopted } from '../../kit/adopt.js';
import { starting } from '../../kit/emitter-factory.js';
import { listenersInTasks } from '../../kit/emitter-listeners.js';

/** A function of `fs` that makes a stream or a watcher: its listeners run in tasks. */
export function emitting<F extends AnyFunction>(original: F): F {
  return starting(original, undefined, (made) => adoptEmitter(made as EventEmitter));
}

function adoptEmitter(emitter: EventEmitter): EventEmitter {
  const prototype: EventEmitter = Object.getPrototypeOf(emitter);
  if (!isAdopted(prototype)) {
    const listeners = listenersInTasks(prototype);
    adoptBy(prototype, Object.create(prototype, { ...actingMembers(prototype, {}), ...listeners }));
  }
  return adopt(emitter);
}

// Streams and watchers. Their classes are Node's own: it loads those of the streams when a program first asks for one.
import type { EventEmitter } from 'node:events';
import { type AnyFunction, disguise } from '../../../runtime/base/disguise.js';
import { each } from '../../../runtime/base/primordials.js';
import { actingMembers } from '../../kit/acting.js';
import { adopt, adoptBy, isAdopted } from '../../kit/adopt.js';
import { starting } from '../../kit/emitter-factory.js';
import { isNodes, listenersInTasks } from '../../kit/emitter-listeners.js';
import { HeldEmitter } from '../../kit/held-emitter.js';

/** A function of `fs` that makes a stream or a watcher: its listeners run in tasks. */
export function emitting<F extends AnyFunction>(original: F): F {
  return starting(original, undefined, (made) => adoptEmitter(made as EventEmitter));
}

function adoptEmitter(emitter: EventEmitter): EventEmitter {
  const prototype: EventEmitter = Object.getPrototypeOf(emitter);
  if (!isAdopted(prototype)) {
    const stopping = stoppingMembers(prototype);
    const acting = actingMembers(prototype, stopping);
    adoptBy(prototype, Object.create(prototype, { ...stopping, ...acting, ...listenersInTasks(prototype) }));
  }
  return adopt(emitter);
}

/** The methods by which a program stops a watcher: changes that have waited for its listener do not come any more. */
function stoppingMembers(prototype: EventEmitter): PropertyDescriptorMap {
  const found: PropertyDescriptorMap = {};
  for (const name of each(['close', 'stop'])) {
    const original: unknown = Reflect.get(prototype, name);
    if (typeof original !== 'function') continue;
    const value = disguise(original as AnyFunction, (self, args) => {
      if (!isNodes()) HeldEmitter.drop(self as EventEmitter, ['change']);
      return Reflect.apply(original, self, args as never);
    });
    found[name] = { value, writable: true, configurable: true };
  }
  return found;
}

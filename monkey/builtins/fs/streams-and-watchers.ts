// Streams and watchers. Their classes are Node's own: it loads those of the streams when a program first asks for one.
import type { EventEmitter } from 'node:events';
import type { AnyFunction } from '../../../runtime/base/disguise.js';
import { each } from '../../../runtime/base/primordials.js';
import { actingMembers, noting } from '../../kit/acting.js';
import { adopt, adoptBy, isAdopted } from '../../kit/adopt.js';
import { starting } from '../../kit/emitter-factory.js';
import { listenersInTasks } from '../../kit/emitter-listeners.js';
import { HeldEmitter } from '../../kit/held-emitter.js';
import { members } from '../../kit/prototype-members.js';

/** A function of `fs` that makes a stream or a watcher: its listeners run in tasks. */
export function emitting<F extends AnyFunction>(original: F): F {
  return starting(original, undefined, (made) => adoptEmitter(made as EventEmitter));
}

function adoptEmitter(emitter: EventEmitter): EventEmitter {
  const prototype: EventEmitter = Object.getPrototypeOf(emitter);
  if (!isAdopted(prototype)) {
    const own = stoppingMembers(prototype);
    const acting = actingMembers(prototype, own);
    adoptBy(prototype, Object.create(prototype, { ...own, ...acting, ...listenersInTasks(prototype) }));
  }
  return adopt(emitter);
}

/** Changes that have waited for a watcher's listener do not come any more. */
const stopping = noting((watcher) => HeldEmitter.drop(watcher, ['change']));

/** The methods by which a program stops a watcher. */
function stoppingMembers(prototype: EventEmitter): PropertyDescriptorMap {
  const found: Record<string, AnyFunction> = {};
  for (const name of each(['close', 'stop'])) {
    const original: unknown = Reflect.get(prototype, name);
    if (typeof original === 'function') found[name] = stopping(original as AnyFunction);
  }
  return members(found);
}

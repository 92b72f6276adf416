// process.stdin, stdout and stderr are Node's own objects, which programs and Node share: so each gets the methods by
// which listeners are registered as its own, when a program first asks for it in a task.
import type { EventEmitter } from 'node:events';
import { isOnCarrier } from '../../../runtime/suspension/native-core.js';
import { listenersInTasks, listening, type Wrap } from '../../kit/emitter-listeners.js';

const NAMES = new Set<unknown>(['stdin', 'stdout', 'stderr']);
const prepared = new WeakSet<object>();

/** Has the listeners of a standard stream run in tasks. To be called with each property of `process` that is read. */
export function listenInTasks(name: string | symbol, value: unknown): void {
  if (!NAMES.has(name) || !isOnCarrier() || typeof value !== 'object' || value === null) return;
  if (prepared.has(value)) return;
  prepared.add(value);
  const methods = Object.getPrototypeOf(value) as EventEmitter;
  // The console registers a listener of 'error', which does nothing, for each line that it writes.
  const wrap: Wrap = (listener, event) => (event === 'error' ? listener : listening(listener));
  Object.defineProperties(value, listenersInTasks(methods, wrap));
}

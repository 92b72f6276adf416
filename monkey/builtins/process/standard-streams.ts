// process.stdin, stdout and stderr are Node's own objects, which programs and Node share: so each gets the methods by
// which listeners are registered as its own, when a program first asks for it in a task.
import type { EventEmitter } from 'node:events';
import type { AnyFunction } from '../../../runtime/base/disguise.js';
import { replaceMethod } from '../../../runtime/base/replace-method.js';
import { inTask } from '../../../runtime/suspension/in-task.js';
import { isOnCarrier } from '../../../runtime/suspension/native-core.js';
import { callingBack } from '../../kit/callback-in-task.js';
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
  for (const name of ['write', 'end'] as const) {
    const original: unknown = Reflect.get(value, name);
    if (typeof original === 'function')
      replaceMethod(value, name, callingBack(original as AnyFunction, unlessConsoles));
  }
}

/** Makes a task of a callback; not of that of the console, which gives one for each line. */
function unlessConsoles(callback: AnyFunction): AnyFunction {
  const { _stdoutErrorHandler: out, _stderrErrorHandler: err } = console as {
    _stdoutErrorHandler?: unknown;
    _stderrErrorHandler?: unknown;
  };
  return callback === out || callback === err ? callback : inTask(callback);
}

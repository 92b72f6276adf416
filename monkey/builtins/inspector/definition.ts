// The replaced `inspector` and `inspector/promises`.
import { builtin } from '../../../runtime/base/builtins.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { listenersInTasks } from '../../kit/emitter-listeners.js';
import { taskClass } from '../../kit/replace-class.js';

type Inspector = typeof import('node:inspector');
type Promises = typeof import('node:inspector/promises');

/** By listeners that run in tasks, where Node emits what V8 tells from the event loop. */
function define<T extends Inspector | Promises>(name: string): MonkeyModule<T> {
  const { Session } = builtin<Inspector>(name);
  return defineModule<T>(name, {
    implemented: { Session: taskClass(Session, listenersInTasks(Session.prototype)) },
  });
}

/** `inspector`: a session's listeners run in tasks. */
export const definition: MonkeyModule<Inspector> = define<Inspector>('inspector');

/** `inspector/promises`: the same. */
export const promisesDefinition: MonkeyModule<Promises> = define<Promises>('inspector/promises');

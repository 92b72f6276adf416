// The replaced `events`.
import { builtin } from '../../../runtime/base/builtins.js';
import { disguise } from '../../../runtime/base/disguise.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { listenersInTasks, waited } from '../../kit/emitter-listeners.js';
import { taskClass } from '../../kit/replace-class.js';
import { onceSync, onSync } from './once-sync.js';

type Events = typeof import('node:events');
type Added = typeof import('./once-sync.js');

const real = builtin<Events>('events');

const { emit: { enumerable = true } = {} } = Object.getOwnPropertyDescriptors(real.prototype);

/** Its events are waited for by `await`. */
const on: Events['on'] = disguise(real.on, (self, args) =>
  waited(() => Reflect.apply(real.on, self, args as never)),
);

const EventEmitter: Events = taskClass(real, {
  ...listenersInTasks(real.prototype),
  // `domain` replaces it when it is loaded.
  emit: {
    get: () => Reflect.get(real.prototype, 'emit'),
    set(value: unknown) {
      Object.defineProperty(this, 'emit', { value, writable: true, enumerable, configurable: true });
    },
    configurable: true,
  },
});

/** `events`: listeners run in tasks, `onceSync()` and `onSync()` wait for events. */
export const definition: MonkeyModule<Events & Added> = defineModule<Events & Added>('events', {
  self: EventEmitter,
  implemented: { EventEmitter, on },
  added: { onceSync, onSync },
});

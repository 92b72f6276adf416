import { builtin } from '../../runtime/builtins.js';
import { defineModule, type MonkeyModule } from '../define.js';
import { listenersInTasks } from '../listeners.js';
import { taskClass } from '../task-class.js';
import { onceSync, onSync } from './once-sync.js';

type Events = typeof import('node:events');
type Added = typeof import('./once-sync.js');

const real = builtin<Events>('events');

const EventEmitter: Events = taskClass(real, listenersInTasks(real.prototype));

/** `events`: listeners run in tasks, `onceSync()` and `onSync()` wait for events. */
export const definition: MonkeyModule<Events & Added> = defineModule<Events & Added>('events', {
  self: EventEmitter,
  implemented: { EventEmitter },
  added: { onceSync, onSync },
});

import { builtin } from '../../runtime/builtins.js';
import { defineModule, type MonkeyModule } from '../define.js';
import { listenersInTasks } from '../listeners.js';
import { taskClass } from '../task-class.js';
import { onceSync, onSync } from './once-sync.js';

type Events = typeof import('node:events');
type Added = typeof import('./once-sync.js');

const real = builtin<Events>('events');

const EventEmitter: Events = taskClass(real, mixable(real.prototype, listenersInTasks(real.prototype)));

/**
 * The members of a prototype that programs copy method by method, as mixins do: all of Node's are its own, too, and each
 * is as enumerable as Node's.
 */
function mixable(prototype: object, ours: PropertyDescriptorMap): PropertyDescriptorMap {
  const members: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(prototype);
  // Not Node's own state: what `captureRejections` is by default.
  for (const symbol of Object.getOwnPropertySymbols(members)) Reflect.deleteProperty(members, symbol);
  for (const [name, descriptor] of Object.entries(ours)) {
    members[name] = { ...descriptor, enumerable: members[name]?.enumerable ?? false };
  }
  // `domain` replaces it when it is loaded.
  const { enumerable = true } = members.emit ?? {};
  members.emit = {
    get: () => Reflect.get(prototype, 'emit'),
    set(value: unknown) {
      Object.defineProperty(this, 'emit', { value, writable: true, enumerable, configurable: true });
    },
    enumerable,
    configurable: true,
  };
  return members;
}

/** `events`: listeners run in tasks, `onceSync()` and `onSync()` wait for events. */
export const definition: MonkeyModule<Events & Added> = defineModule<Events & Added>('events', {
  self: EventEmitter,
  implemented: { EventEmitter },
  added: { onceSync, onSync },
});

// The replaced `events`.
import { builtin } from '../../../runtime/base/builtins.js';
import { type AnyFunction, disguise } from '../../../runtime/base/disguise.js';
import { map } from '../../../runtime/base/primordials.js';
import { callingBack } from '../../kit/callback-in-task.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { listenersInTasks, waited, waking } from '../../kit/emitter-listeners.js';
import { programsListener } from '../../kit/event-target-listeners.js';
import { taskClass } from '../../kit/replace-class.js';
import { isTarget } from '../../kit/target-internals.js';
import { onceSync, onSync } from './once-sync.js';

type Events = typeof import('node:events');
type Added = typeof import('./once-sync.js');

const real = builtin<Events>('events');

const { emit: { enumerable = true } = {} } = Object.getOwnPropertyDescriptors(real.prototype);

/** Its events are waited for by `await`. */
const on: Events['on'] = disguise(real.on, (self, args) =>
  waited(() => Reflect.apply(real.on, self, args as never)),
);

/** True for one that Node's `once()` takes for an EventTarget: a port is an emitter, too. */
const isOnlyTarget = (value: unknown): value is EventTarget =>
  typeof value === 'object' &&
  value !== null &&
  isTarget(value) &&
  typeof Reflect.get(value, 'on') !== 'function';

/** The next event of an EventTarget waits for the code that goes on, as an emitter's does by its own `once()`. */
const once: Events['once'] = disguise(real.once, (self, args) => {
  const target = args[0];
  if (isOnlyTarget(target)) args[0] = wakingTarget(target);
  return Reflect.apply(real.once, self, args as never);
});

/** The part of a target that Node's `once()` uses. */
function wakingTarget(target: EventTarget): Pick<EventTarget, 'addEventListener' | 'removeEventListener'> {
  let ours: AnyFunction | undefined;
  return {
    addEventListener(name, listener, options) {
      ours = waking(target, listener as AnyFunction);
      target.addEventListener(name, ours as EventListener, options);
    },
    removeEventListener: (name, _, options) =>
      target.removeEventListener(name, ours as EventListener, options),
  };
}

/** A target's list has the functions that stand for its listeners. */
const getEventListeners: Events['getEventListeners'] = disguise(real.getEventListeners, (self, args) =>
  map(Reflect.apply(real.getEventListeners, self, args as never), programsListener),
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

function resourceClass(): typeof real.EventEmitterAsyncResource {
  const { EventEmitterAsyncResource } = real;
  return taskClass(EventEmitterAsyncResource, listenersInTasks(EventEmitterAsyncResource.prototype));
}

/** `events`: listeners run in tasks, `onceSync()` and `onSync()` wait for events. */
export const definition: MonkeyModule<Events & Added> = defineModule<Events & Added>('events', {
  self: EventEmitter,
  implemented: {
    EventEmitter,
    on,
    once,
    getEventListeners,
    addAbortListener: callingBack(real.addAbortListener),
  },
  lazy: { EventEmitterAsyncResource: resourceClass },
  added: { onceSync, onSync },
});

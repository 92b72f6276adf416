// The replaced `worker_threads`.
import { builtin } from '../../../runtime/base/builtins.js';
import { type AnyFunction, disguise } from '../../../runtime/base/disguise.js';
import { replaceMethod } from '../../../runtime/base/replace-method.js';
import { noting } from '../../kit/acting.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { targetListenersInTasks } from '../../kit/event-target-listeners.js';
import { HeldTarget } from '../../kit/held-target.js';
import { closeDelivered } from '../../kit/port-delivery.js';
import { receiveMessageSync } from './receive-message-sync.js';
import { currentThread } from './task-thread.js';
import { Worker } from './worker.js';

type WorkerThreads = typeof import('node:worker_threads');
type Added = { receiveMessageSync: typeof receiveMessageSync };

const real = builtin<WorkerThreads>('worker_threads');

// Ports come from anywhere (the global MessageChannel, messages, structuredClone), and Node makes them. So it is Node's
// own prototypes that get the methods, as the global `Atomics` gets its `wait`.
for (const { prototype } of [real.MessagePort, real.BroadcastChannel]) {
  const events = ['message', 'messageerror'];
  const { addEventListener, removeEventListener, ...own } = targetListenersInTasks(
    prototype as never,
    events,
  );
  Object.defineProperties(prototype, own);
  // Inherited methods stay inherited: from a class that Node has for ports alone.
  const parent = Object.getPrototypeOf(prototype);
  const holder = parent === EventTarget.prototype ? prototype : parent;
  Object.defineProperties(holder, { addEventListener, removeEventListener } as PropertyDescriptorMap);
}

const { prototype: channel } = real.BroadcastChannel;
replaceMethod(channel, 'close', noting(HeldTarget.drop)(channel.close as AnyFunction));

const { close } = real.MessagePort.prototype;
replaceMethod(
  real.MessagePort.prototype,
  'close',
  disguise(close as AnyFunction, (self, args) => {
    const port = self as InstanceType<WorkerThreads['MessagePort']>;
    const end = (): void => void Reflect.apply(close, port, []);
    if (!closeDelivered(port as never, end)) return Reflect.apply(close, port, args as never);
    if (typeof args[0] === 'function') port.once('close', args[0] as () => void);
    return undefined;
  }),
);

const defined = defineModule<WorkerThreads & Added>('worker_threads', {
  implemented: { Worker },
  added: { receiveMessageSync },
});

/** `worker_threads`: listeners run in tasks, `receiveMessageSync()` waits for a message, a Worker may be a task. */
export const definition: MonkeyModule<WorkerThreads & Added> = {
  ...defined,
  exports: new Proxy(defined.exports, {
    get(target, key, receiver) {
      const view = currentThread()?.view;
      return Reflect.get(view !== undefined && Object.hasOwn(view, key) ? view : target, key, receiver);
    },
  }),
};

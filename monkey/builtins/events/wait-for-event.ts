// Waits for events of an emitter, for the other modules of this folder and beyond.
import type { EventEmitter } from 'node:events';
import { builtin } from '../../../runtime/base/builtins.js';
import { call, each, push } from '../../../runtime/base/primordials.js';
import { suspend, type Waiter } from '../../../runtime/suspension/suspension.js';

// EventEmitter's own: the methods of streams have side effects (a 'readable' listener stops the flow).
const { on, removeListener } = builtin<typeof import('node:events')>('events').EventEmitter.prototype;

/** Listeners by the name of their event, for the time of a wait. Each may settle the wait, or go on waiting. */
export type EventHandlers<T> = Record<string, (wait: Waiter<T>, ...args: never[]) => void>;

/**
 * Suspends the current task until one of the handlers settles the wait. The listeners are there for just as long.
 * @param what - names the wait in the task dump
 */
export function waitForEvent<T>(emitter: EventEmitter, what: string, handlers: EventHandlers<T>): T {
  return suspend<T>(
    what,
    (wait) => {
      const listeners: { event: string; listener: (...args: never[]) => void }[] = [];
      const release = (): void => {
        for (const { event, listener } of each(listeners))
          call(removeListener, emitter, event, listener as never);
      };
      const settling: Waiter<T> = {
        resolve(value) {
          release();
          wait.resolve(value);
        },
        reject(error) {
          release();
          wait.reject(error);
        },
      };
      for (const event of each(Object.keys(handlers))) {
        const handle = handlers[event] as EventHandlers<T>[string];
        const listener = (...args: never[]): void => handle(settling, ...each(args));
        push(listeners, { event, listener });
        call(on, emitter, event, listener as never);
      }
      return release;
    },
    emitter,
  );
}

// `onceSync()` and `onSync()`: `once()` and `on()` for synchronous code.
import type { EventEmitter } from 'node:events';
import { builtin } from '../../../runtime/base/builtins.js';
import { push, whenSettled } from '../../../runtime/base/primordials.js';
import { requirePortal } from '../../../runtime/suspension/portal.js';
import { awaitPromise, suspend } from '../../../runtime/suspension/suspension.js';

type Events = typeof import('node:events');

const { once, on } = builtin<Events>('events');

/** Options of {@link onceSync} and {@link onSync} besides Node's for `on()`. */
export interface WaitOptions {
  /** Ends the wait with Node's AbortError. */
  readonly signal?: AbortSignal;
}

/**
 * Suspends the current task until `emitter` emits `eventName`. Always a checkpoint.
 * @returns the arguments of the event
 * @throws what an 'error' event brings, unless it is 'error' that is waited for; Node's AbortError if `signal` is aborted
 * @throws {@link NoPortalError} where nothing can be suspended
 * @see Node `events.once`
 */
export function onceSync(
  emitter: EventEmitter | EventTarget,
  eventName: string | symbol,
  options: WaitOptions = {},
): unknown[] {
  requirePortal('onceSync()');
  return suspend<unknown[]>(`onceSync(${String(eventName)})`, (wait) => {
    const cancelled = new AbortController();
    const signals = [cancelled.signal];
    if (options.signal !== undefined) push(signals, options.signal);
    const signal = AbortSignal.any(signals);
    // Node's own: takes EventTargets too, checks its arguments, and leaves no listener behind.
    whenSettled(once(emitter as EventEmitter, eventName, { ...options, signal }), wait.resolve, wait.reject);
    return () => cancelled.abort();
  });
}

/**
 * Iterates over the events named `eventName`: each step gives the arguments of one, and suspends while there is none.
 * Leaving the loop removes the listeners.
 * @param options - Node's options of `on()`: `signal`, `close`, `highWaterMark`, `lowWaterMark`
 * @throws as {@link onceSync}
 * @see Node `events.on`
 */
export function onSync(
  emitter: EventEmitter | EventTarget,
  eventName: string | symbol,
  options?: WaitOptions & { close?: string[]; highWaterMark?: number; lowWaterMark?: number },
): Generator<unknown[], void, undefined> {
  // From now on: what is emitted before the first step is not missed.
  return steps(on(emitter as EventEmitter, eventName, options as never), `onSync(${String(eventName)})`);
}

function* steps(events: AsyncIterator<unknown[]>, what: string): Generator<unknown[], void, undefined> {
  try {
    for (;;) {
      const { done, value } = awaitPromise(events.next(), what);
      if (done) return;
      yield value;
    }
  } finally {
    // Waits for nothing, and rejects nothing.
    void events.return?.();
  }
}

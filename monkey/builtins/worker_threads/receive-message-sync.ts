// Waiting for a message. A port keeps messages that were not taken: it delivers only while it has a listener. So a task that
// waits is a listener for as long as it waits, and the port does the rest. A Worker drops messages that have no listener; for
// Workers WorkerMail keeps them.

import type { MessagePort, Worker } from 'node:worker_threads';
import { builtin } from '../../../runtime/base/builtins.js';
import { call } from '../../../runtime/base/primordials.js';
import { timeoutFrom } from '../../../runtime/base/timeout.js';
import { asInternal } from '../../../runtime/suspension/internally.js';
import { invalidArgType, withCode } from '../../kit/node-errors.js';
import { type Received, Waiters } from './message-waiters.js';
import { mailOf } from './worker-mail.js';

const real = builtin<typeof import('node:worker_threads')>('worker_threads');
const { ref, unref, hasRef } = real.MessagePort.prototype as MessagePort & { hasRef(): boolean };

const waiters = new WeakMap<MessagePort, Waiters>();

/**
 * Takes the next message of a port, or of a Worker's thread; suspends while there is none. Tasks that wait are served in
 * turn. A message for which no task waits is kept, unless 'message' has listeners: they get every message that was not
 * there before the call. A wait keeps the event loop alive, whatever `unref()` says.
 * @param port - `parentPort`, any other MessagePort, or a Worker. A Worker that was started in a task keeps 1,024 messages
 *   until the first call; any other one keeps them from the first call on
 * @param timeoutMs - milliseconds, >= 0, at most; for ever if left out. 0 never waits
 * @returns the message, as `receiveMessageOnPort()` gives it; undefined if the time was up
 * @throws Error `ERR_CLOSED_MESSAGE_PORT`, `ERR_WORKER_NOT_RUNNING` if there is no message and none can come any more,
 *   before or in the wait; what the Worker has thrown, if it ends by that; the error of a message that cannot be read
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, `AEVENT_INVALID_TIMEOUT`
 * @throws {@link NoPortalError} if it would have to wait where nothing can be suspended; {@link Cancelled}, and then the
 *   message is still there
 * @see Node `receiveMessageOnPort`
 */
export function receiveMessageSync(
  port: MessagePort | Worker,
  timeoutMs?: number,
): { message: unknown } | undefined {
  const isWorker = port instanceof real.Worker;
  if (!isWorker && !(port instanceof real.MessagePort)) {
    throw invalidArgType('port', 'a MessagePort or Worker instance', port);
  }
  const limitMs = timeoutFrom('receiveMessageSync()', timeoutMs);
  return isWorker ? mailOf(port).receive(limitMs) : receiveFrom(port, limitMs);
}

function receiveFrom(port: MessagePort, limitMs: number): Received | undefined {
  const queue = waiters.get(port) ?? waitersFor(port);
  // Tasks that wait already come first.
  if (queue.size === 0) {
    // First: asked for a message while it emits 'close', a port ends the process (Node 20 to 26).
    if (isClosed(port)) throw closed();
    const received = real.receiveMessageOnPort(port);
    if (received !== undefined) return received;
  }
  return limitMs === 0 ? undefined : queue.wait('receiveMessageSync()', limitMs);
}

function waitersFor(port: MessagePort): Waiters {
  let hadRef = false;
  const message = (value: unknown): void => queue.give(value);
  const messageerror = (error: unknown): void => queue.failFirst(error);
  const close = (): void => queue.failAll(closed);
  const begin = (): void =>
    asInternal(() => {
      hadRef = (port as MessagePort & { hasRef(): boolean }).hasRef();
      port.on('messageerror', messageerror).on('close', close).on('message', message);
      port.ref();
    });
  const end = (): void => {
    // Without a listener the port stops, and keeps what comes.
    port.off('message', message).off('close', close).off('messageerror', messageerror);
    if (hadRef) port.ref();
    else port.unref();
  };
  const queue = new Waiters(begin, end);
  waiters.set(port, queue);
  return queue;
}

/** Only a port that is open can be made to hold the loop. */
function isClosed(port: MessagePort): boolean {
  if (call(hasRef, port)) return false;
  call(ref, port);
  if (!call(hasRef, port)) return true;
  call(unref, port);
  return false;
}

function closed(): Error {
  return withCode(new Error('Cannot receive from a closed MessagePort'), 'ERR_CLOSED_MESSAGE_PORT');
}

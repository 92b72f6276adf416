// Keeps the messages of a Worker's thread until a task asks for them.

import type { Worker } from 'node:worker_threads';
import { startTimer } from '../../../runtime/base/clock.js';
import { push, shift } from '../../../runtime/base/primordials.js';
import { adopt } from '../../kit/adopt.js';
import { withCode } from '../../kit/node-errors.js';
import { type Received, Waiters } from './message-waiters.js';

/** How many messages are kept before the first receiveMessageSync(). */
const UNASKED_LIMIT = 1024;

const mail = new WeakMap<Worker, WorkerMail>();

/** The messages of a Worker's thread that were not taken yet, and the tasks that wait for one. Fed by {@link WorkerMail.see}. */
export class WorkerMail {
  readonly #worker: Worker;
  readonly #kept: unknown[] = [];
  readonly #waiters: Waiters;
  #asked = false;
  #ended = false;

  constructor(worker: Worker) {
    this.#worker = worker;
    let stopHolding = (): void => {};
    this.#waiters = new Waiters(
      () => {
        // The Worker may be unref()ed, which cannot be seen from here.
        stopHolding = startTimer(Number.POSITIVE_INFINITY, () => {});
      },
      () => stopHolding(),
    );
  }

  receive(limitMs: number): Received | undefined {
    this.#asked = true;
    if (this.#kept.length > 0) return { message: shift(this.#kept) };
    if (this.#ended || this.#worker.threadId === -1) throw notRunning();
    return limitMs === 0 ? undefined : this.#waiters.wait('receiveMessageSync()', limitMs);
  }

  /**
   * Sees what the Worker is about to emit.
   * @returns true if that was for a task that waits, and is no event
   */
  see(event: string | symbol, value: unknown): boolean {
    const waited = this.#waiters.size > 0;
    const listened = this.#worker.listenerCount(event) > 0;
    if (event === 'message') {
      if (waited) this.#waiters.give(value);
      else if (!listened && (this.#asked || this.#kept.length < UNASKED_LIMIT)) push(this.#kept, value);
      else if (!this.#asked) this.#kept.length = 0;
    } else if (event === 'messageerror') {
      this.#waiters.failFirst(value);
    } else if (event === 'error') {
      this.#waiters.failAll(() => value);
      // An error is thrown by the call that waits; as an event it may go without a listener.
      return waited && !listened;
    } else if (event === 'exit') {
      this.#ended = true;
      this.#waiters.failAll(notRunning);
    }
    return false;
  }
}

/** Keeps what a Worker sends, from now on. */
export function mailOf(worker: Worker): WorkerMail {
  const found = mail.get(worker) ?? new WorkerMail(adopt(worker));
  mail.set(worker, found);
  return found;
}

/** The same, if it is kept for any call. */
export function keptMailOf(worker: Worker): WorkerMail | undefined {
  return mail.get(worker);
}

function notRunning(): Error {
  return withCode(new Error('Worker instance not running'), 'ERR_WORKER_NOT_RUNNING');
}

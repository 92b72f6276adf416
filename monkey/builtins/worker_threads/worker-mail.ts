// Keeps the messages of a Worker's thread until a task asks for them.

import type { Worker } from 'node:worker_threads';
import { startTimer } from '../../../runtime/base/clock.js';
import { push, shift } from '../../../runtime/base/primordials.js';
import { adopt } from '../../kit/adopt.js';
import { withCode } from '../../kit/node-errors.js';
import { type Received, Waiters } from './message-waiters.js';

/** How many messages are kept for who has not asked for any yet. */
const UNASKED_LIMIT = 1024;

const mail = new WeakMap<Worker, WorkerMail>();

/** What a Worker's thread has sent and nobody has taken, and who waits for it. Fed by {@link WorkerMail.see}. */
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
        // The Worker may be unref()ed, which nobody can tell.
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
   * @returns true if that was for somebody who waits, and is no event
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
      // An error is thrown by the call that waits; as an event nobody need listen for it.
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

/** The same, if anybody keeps it. */
export function keptMailOf(worker: Worker): WorkerMail | undefined {
  return mail.get(worker);
}

function notRunning(): Error {
  return withCode(new Error('Worker instance not running'), 'ERR_WORKER_NOT_RUNNING');
}

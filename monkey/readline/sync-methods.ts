// Asking and reading lines that waits.
import type { Interface } from 'node:readline';
import { builtin } from '../../runtime/builtins.js';
import { BusyResourceError } from '../../runtime/errors.js';
import { requirePortal } from '../../runtime/permission.js';
import { awaitPromise, suspend } from '../../runtime/suspension.js';
import { iterator, members } from '../members.js';
import { withCode } from '../node-errors.js';

/** What `question()` takes. */
export interface QuestionOptions {
  /** Ends the wait with Node's AbortError. */
  readonly signal?: AbortSignal;
}

/** What every interface of `readline` and `readline/promises` has besides. */
export interface SyncInterface {
  /**
   * Shows `query` and suspends until a line has been entered.
   * @returns the line
   * @throws Error `ERR_USE_AFTER_CLOSE` if the interface is closed, before or in the wait; Node's AbortError
   * @throws {@link BusyResourceError} if another task waits for an answer; {@link NoPortalError} where nothing can be
   *   suspended
   */
  questionSync(query: string, options?: QuestionOptions): string;
  /**
   * Gives line by line; suspends for each. Leaving the loop early closes the interface, as `for await` does. Only in code
   * that may suspend: elsewhere an interface is not iterable, as in Node.
   */
  [Symbol.iterator](): Generator<string, void, undefined>;
}

declare module 'node:readline' {
  interface Interface extends SyncInterface {}
}
declare module 'node:readline/promises' {
  interface Interface extends SyncInterface {}
}

const { EventEmitter } = builtin<typeof import('node:events')>('events');
const { on, removeListener } = EventEmitter.prototype;
const { Interface: Callbacks } = builtin<typeof import('node:readline')>('readline');
const { Interface: Promises } = builtin<typeof import('node:readline/promises')>('readline/promises');

const asking = new WeakSet<Interface>();

type Ask = (rl: Interface, query: string, signal: AbortSignal, answered: (line: string) => void) => void;

const ask: Ask = (rl, query, signal, answered) =>
  Callbacks.prototype.question.call(rl, query, { signal }, answered);

function questionSync(this: Interface, query: string, { signal }: QuestionOptions = {}): string {
  const what = 'rl.questionSync()';
  requirePortal(what);
  if (asking.has(this)) throw new BusyResourceError(what);
  signal?.throwIfAborted();
  asking.add(this);
  try {
    return suspend<string>(what, (wait) => {
      const controller = new AbortController();
      const release = (): void => {
        removeListener.call(this, 'close', closed);
        signal?.removeEventListener('abort', aborted);
        controller.abort();
      };
      const closed = (): void => {
        release();
        wait.reject(withCode(new Error('readline was closed'), 'ERR_USE_AFTER_CLOSE'));
      };
      const aborted = (): void => {
        release();
        wait.reject(signal?.reason);
      };
      ask(this, query, controller.signal, (line) => {
        release();
        wait.resolve(line);
      });
      on.call(this, 'close', closed);
      signal?.addEventListener('abort', aborted);
      return release;
    });
  } finally {
    asking.delete(this);
  }
}

function* iterate(this: Interface): Generator<string, void, undefined> {
  const lines = this[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = awaitPromise(lines.next(), 'readline');
      if (done) return;
      yield value;
    }
  } finally {
    void lines.return?.();
    this.close();
  }
}

const methods = { ...members({ questionSync }), ...iterator(iterate) };
Object.defineProperties(Callbacks.prototype, methods);
Object.defineProperties(Promises.prototype, methods);

// Asking and reading lines that waits.
import type { Interface } from 'node:readline';
import { whenAborted } from '../../../runtime/base/abort-listeners.js';
import { builtin } from '../../../runtime/base/builtins.js';
import { BusyResourceError } from '../../../runtime/base/errors.js';
import { call } from '../../../runtime/base/primordials.js';
import { requirePortal } from '../../../runtime/suspension/portal.js';
import { suspend, type Waiter } from '../../../runtime/suspension/suspension.js';
import { abortError, withCode } from '../../kit/node-errors.js';
import { iterator, members } from '../../kit/prototype-members.js';
import { inputOf, linesOf, outputOf } from './lines.js';

/** Options of `question()`. */
export interface QuestionOptions {
  /** Ends the wait with Node's AbortError. */
  readonly signal?: AbortSignal;
}

/** The methods added to the interfaces of `readline` and `readline/promises`. */
export interface SyncInterface {
  /**
   * Shows `query` and suspends until a line has been entered. From the first call on, lines that come while no task asks
   * are kept for the next call, unless there are 'line' listeners.
   * @returns the line
   * @throws Error `ERR_USE_AFTER_CLOSE` if the interface is closed, before or in the wait; Node's AbortError, also for Ctrl+C
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
const { on, prependListener, removeListener } = EventEmitter.prototype;
const { Interface: Callbacks } = builtin<typeof import('node:readline')>('readline');
const { Interface: Promises } = builtin<typeof import('node:readline/promises')>('readline/promises');

const asking = new WeakSet<Interface>();

type Ask = (rl: Interface, query: string, signal: AbortSignal, answered: (line: string) => void) => void;

const ask: Ask = (rl, query, signal, answered) =>
  call(Callbacks.prototype.question, rl, query, { signal }, answered);

function questionSync(this: Interface, query: string, { signal }: QuestionOptions = {}): string {
  const what = 'rl.questionSync()';
  requirePortal(what);
  if (asking.has(this)) throw new BusyResourceError(what);
  signal?.throwIfAborted();
  const kept = linesOf(this).takeNow();
  if (kept !== undefined) {
    outputOf(this)?.write(query);
    return kept;
  }
  asking.add(this);
  try {
    return suspend<Answer>(what, (wait) => waitForAnswer(this, query, signal, wait))();
  } finally {
    asking.delete(this);
  }
}

/** Gives the line, or throws; called by the task, whose frames an error then has. */
type Answer = () => string;

/** @returns takes the question back */
function waitForAnswer(
  rl: Interface,
  query: string,
  signal: AbortSignal | undefined,
  wait: Waiter<Answer>,
): () => void {
  const controller = new AbortController();
  const input = inputOf(rl);
  let interrupted = false;
  let stopListening: (() => void) | undefined;
  const pressed = (_: unknown, key?: { ctrl?: boolean; name?: string }): void => {
    interrupted = key?.ctrl === true && key.name === 'c';
  };
  const release = (): void => {
    call(removeListener, rl, 'close', closed);
    if (input !== undefined) call(removeListener, input, 'keypress', pressed);
    stopListening?.();
    controller.abort();
  };
  const settle = (answer: Answer): void => {
    release();
    wait.resolve(answer);
  };
  const closed = (): void =>
    settle(() => {
      // Node does not take a last line without a line feed for an answer.
      const last = linesOf(rl).takeNow();
      if (last !== undefined) return last;
      throw interrupted
        ? abortError('Aborted with Ctrl+C')
        : withCode(new Error('readline was closed'), 'ERR_USE_AFTER_CLOSE');
    });
  const aborted = (): void =>
    settle(() => {
      throw signal?.reason;
    });
  ask(rl, query, controller.signal, (line) => settle(() => line));
  call(on, rl, 'close', closed);
  // Before the listener of readline, which closes the interface.
  if (input !== undefined && rl.terminal) prependListener.call(input, 'keypress', pressed);
  if (signal !== undefined) stopListening = whenAborted(signal, aborted);
  return release;
}

function* iterate(this: Interface): Generator<string, void, undefined> {
  try {
    yield* linesOf(this).all();
  } finally {
    this.close();
  }
}

const methods = { ...members({ questionSync }), ...iterator(iterate) };
Object.defineProperties(Callbacks.prototype, methods);
Object.defineProperties(Promises.prototype, methods);

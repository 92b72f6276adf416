// `signal()` and `getsignal()`, as in Python's `signal`: handlers that are tasks.
import { startBackend } from '../../backend/backend.js';
import { globals } from '../../base/builtins.js';
import { describe } from '../../base/describe.js';
import { invalidArgument } from '../../base/errors.js';
import { CancelScope } from '../../cancellation/cancel-scope.js';
import { Task } from '../../tasks/task.js';
import { listen, nameOf, type Signal } from './signals.js';

/** The default of a signal: Node's own action, or that of listeners on `process`. */
export const SIG_DFL: unique symbol = Symbol('SIG_DFL');
/** Ignores a signal. */
export const SIG_IGN: unique symbol = Symbol('SIG_IGN');

/** The handler that {@link signal} sets: a function that gets the signal's name, or one of the two symbols. */
export type SignalHandler = ((name: NodeJS.Signals) => unknown) | typeof SIG_DFL | typeof SIG_IGN;

const handlers = new Map<NodeJS.Signals, { handler: SignalHandler; stop: () => void }>();

/**
 * Sets what a signal does in place of what was set before. Not a checkpoint. A function runs in a task of its own for
 * each signal that arrives, in a scope that cannot be cancelled; it may suspend, or return a promise. An error in it is
 * an uncaught exception. Listeners on `process` and {@link sigwait} hear of the signal, too. A handler does not keep
 * the process alive.
 * @returns what was set before
 * @throws TypeError `AEVENT_INVALID_SIGNAL`, `AEVENT_INVALID_ARGUMENT`; {@link AeventError} `AEVENT_NOT_MAIN_THREAD`
 * @see Python `signal.signal`
 */
export function signal(which: Signal, handler: SignalHandler): SignalHandler {
  const name = nameOf(which, 'signal()');
  if (typeof handler !== 'function' && handler !== SIG_DFL && handler !== SIG_IGN) {
    throw invalidArgument(
      'AEVENT_INVALID_ARGUMENT',
      `signal() takes a function, SIG_DFL or SIG_IGN, not ${describe(handler)}.`,
    );
  }
  const before = handlers.get(name);
  handlers.delete(name);
  if (handler !== SIG_DFL) {
    if (handler !== SIG_IGN) startBackend();
    const stop = listen(name, handler === SIG_IGN ? () => {} : () => run(handler, name));
    handlers.set(name, { handler, stop });
  }
  // The new one listens already: in between the signal would do what it does by default.
  before?.stop();
  return before?.handler ?? SIG_DFL;
}

/**
 * Gives the handler that {@link signal} has set. Not a checkpoint.
 * @see Python `signal.getsignal`
 */
export function getsignal(which: Signal): SignalHandler {
  return handlers.get(nameOf(which, 'getsignal()'))?.handler ?? SIG_DFL;
}

function run(handler: (name: NodeJS.Signals) => unknown, name: NodeJS.Signals): void {
  Task.start(CancelScope.within(undefined), 'patched', handler, [name]).catch((error) =>
    globals.queueMicrotask(() => {
      throw error;
    }),
  );
}

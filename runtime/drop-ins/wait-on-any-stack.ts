// For those who ask for a wait in so many words, as deasync's callers do: no task is needed, as long as there is a stack
// that can be put aside, or the main one and a loop that can be turned on top of it.
import { startBackend } from '../backend/backend.js';
import { globals, ofProcess } from '../base/builtins.js';
import { AeventError } from '../base/errors.js';
import { CancelScope } from '../cancellation/cancel-scope.js';
import { Context, currentContext, runInContext } from '../suspension/context.js';
import { mayPark } from '../suspension/portal.js';
import { runDueInPlace } from '../suspension/run-due-in-place.js';
import { suspend, type Waiter } from '../suspension/suspension.js';

/** So many turns of the loop are waited for one by one; after that, a predicate is asked once in {@link PAUSE_MS}. */
const EAGER_TURNS = 4;
const PAUSE_MS = 1;

/**
 * Waits until `wait` is settled: suspends where the stack can be put aside, whether or not the code there has opted in;
 * on the main stack, turns the event loop. A checkpoint.
 * @param what - names the wait in errors and in the task dump
 * @param start - begins the operation, as for `suspend()`
 * @throws {@link NoPortalError} where neither can be done; {@link AeventError} `AEVENT_DEADLOCK` on the main stack when
 *   nothing is left that could end the wait
 */
export function waitAnywhere<T>(what: string, start: (wait: Waiter<T>) => (() => void) | undefined): T {
  startBackend();
  if (mayPark()) return optedIn(() => suspend(what, start));
  let settled: (() => T) | undefined;
  const settle = (outcome: () => T): void => {
    settled ??= outcome;
  };
  start({
    resolve: (value) => settle(() => value),
    reject: (error) =>
      settle(() => {
        throw error;
      }),
  });
  turnLoopWhile(what, () => settled === undefined);
  return (settled as unknown as () => T)();
}

/**
 * Waits as long as `isWaiting()` is true, asking it again and again. A checkpoint, unless it is false at once.
 * @throws as {@link waitAnywhere}
 */
export function waitWhile(what: string, isWaiting: () => unknown): void {
  startBackend();
  if (!mayPark()) {
    turnLoopWhile(what, isWaiting);
    return;
  }
  for (let turns = 0; isWaiting(); turns++) {
    optedIn(() => suspend<void>(what, (wait) => (turns < EAGER_TURNS ? nextTurn(wait) : pause(wait))));
  }
}

/** Lets the event loop turn once. A checkpoint. */
export function turnOnce(what: string): void {
  startBackend();
  if (mayPark()) optedIn(() => suspend<void>(what, nextTurn));
  else runDueInPlace(what, true);
}

function optedIn<T>(wait: () => T): T {
  if (currentContext() !== undefined) return wait();
  return runInContext(new Context(new CancelScope(), undefined, 'patched'), wait);
}

function nextTurn(wait: Waiter<void>): () => void {
  const immediate = globals.setImmediate(() => wait.resolve());
  return () => globals.clearImmediate(immediate);
}

// Keeps nothing alive: when nothing else is, the predicate is asked once more, and then the wait is a deadlock, which is
// reported as one.
function pause(wait: Waiter<void>): () => void {
  const end = (): void => {
    stop();
    wait.resolve();
  };
  const timer = globals.setTimeout(end, PAUSE_MS).unref();
  const stop = (): void => {
    globals.clearTimeout(timer);
    ofProcess.off('beforeExit', end);
  };
  ofProcess.on('beforeExit', end);
  return stop;
}

function turnLoopWhile(what: string, isWaiting: () => unknown): void {
  let dry = false;
  while (isWaiting()) {
    runDueInPlace(what, false);
    if (!isWaiting()) return;
    if (dry) throw deadlock(what);
    dry = !runDueInPlace(what, true);
  }
}

function deadlock(what: string): AeventError {
  return new AeventError(
    'AEVENT_DEADLOCK',
    `${what} waits for something that cannot happen any more: the event loop has nothing left to do.`,
  );
}

/** `aevent/atexit`: what is to be done before the process ends, as Python's `atexit`. */
import { startBackend } from '../backend/backend.js';
import { builtin, ofProcess } from '../base/builtins.js';
import { inspect, isA, nameOf } from '../base/describe.js';
import { Cancelled, requireFunction } from '../base/errors.js';
import { CancelScope } from '../cancellation/cancel-scope.js';
import { Context } from '../suspension/context.js';
import { duringExit } from '../suspension/exit-hook.js';
import { hasPortal } from '../suspension/portal.js';
import { await_ } from '../tasks/bridge.js';

const fs = builtin<typeof import('node:fs')>('fs');

interface Handler {
  readonly fn: (...args: never[]) => unknown;
  readonly run: () => unknown;
}

const handlers: Handler[] = [];
let listening = false;

/**
 * Has `fn(...args)` called when the process (or this Worker) ends: by itself, by `process.exit()`, or with an uncaught
 * error; not by a signal without a handler. Handlers run one after the other, the last registered first, in a task:
 * they may suspend, and a promise that one returns is waited for. What one throws is printed, and the others run.
 * Together they have the time that `setup({ exitTimeoutMs })` allows. The same function may be registered more than once.
 * Not a checkpoint.
 * @returns `fn`
 * @throws TypeError `AEVENT_INVALID_ARGUMENT` if `fn` is no function
 * @see Python `atexit.register`
 */
export function register<A extends unknown[], F extends (...args: A) => unknown>(fn: F, ...args: A): F {
  requireFunction('register()', fn);
  startBackend();
  if (!listening) ofProcess.on('exit', runHandlers);
  listening = true;
  handlers.push({ fn, run: () => fn(...args) });
  return fn;
}

/**
 * Forgets every registration of `fn`; if there is none, it does nothing. Not a checkpoint.
 * @see Python `atexit.unregister`
 */
export function unregister(fn: (...args: never[]) => unknown): void {
  for (let i = handlers.length - 1; i >= 0; i--) if (handlers[i]?.fn === fn) handlers.splice(i, 1);
}

function runHandlers(): void {
  const context = new Context(CancelScope.within(undefined), undefined, 'patched');
  // One that is registered meanwhile is the next.
  for (let handler = handlers.pop(); handler !== undefined; handler = handlers.pop()) {
    const { fn, run } = handler;
    try {
      duringExit(context, nameOf(fn), () => {
        const value = run();
        if (hasPortal()) await_(value);
      });
    } catch (error) {
      // That its time is over has been said.
      if (isA(error, Cancelled)) continue;
      const name = nameOf(fn);
      fs.writeSync(2, `aevent: error in the atexit handler ${name}, the others go on:\n${inspect(error)}\n`);
    }
  }
}

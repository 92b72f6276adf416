// The events of `process` by which Node asks what becomes of an error. One that must wait for its turn (turns.ts) counts as handled,
// and then the error comes up again as Node itself has it come up: if there is no listener by then, it ends the process.
import { builtin, globals } from '../../../runtime/base/builtins.js';
import { triggerOfNode } from '../../../runtime/base/trigger-uncaught.js';

const real = builtin<typeof import('node:process')>('process');

const MONITOR = 'uncaughtExceptionMonitor';
const UNCAUGHT = 'uncaughtException';
const UNHANDLED = 'unhandledRejection';

/** True for the events by which Node tells of what a task has thrown, on that task's stack. */
export const isOfUncaught = (event: string): boolean => event === MONITOR || event === UNCAUGHT;
export const isOfError = (event: string): boolean => isOfUncaught(event) || event === UNHANDLED;
/** True for an event by which Node asks. */
export const asks = (event: string): boolean => event === UNCAUGHT || event === UNHANDLED;

/** True while an error comes up again. */
let isAgain = false;
/** True from where a handler of uncaught exceptions has thrown until that has ended the process. */
let hasThrown = false;

/** Has an error come up again: its event, which has waited, is due. */
export function comeUpAgain(event: string, [error, origin]: readonly unknown[]): void {
  if (event === UNHANDLED) {
    void Promise.reject(error);
    return;
  }
  isAgain = true;
  try {
    trigger(error, origin === UNHANDLED);
  } finally {
    isAgain = false;
  }
}

function trigger(error: unknown, fromPromise: boolean): void {
  let nodes: ReturnType<typeof triggerOfNode>;
  try {
    nodes = triggerOfNode();
  } catch {
    throw error;
  }
  nodes(error, fromPromise);
}

/**
 * Gives what to do when a listener of `event` has thrown after Node's `emit()` has gone on: of uncaught exceptions it ends the process as
 * one does that throws at once.
 */
export const failing = (event: string | symbol): (() => void) => (event === UNCAUGHT ? threw : nothing);

const nothing = (): void => {};

function threw(): void {
  hasThrown = true;
  // A domain has caught it.
  globals.setImmediate(() => {
    hasThrown = false;
  });
}

/** The result of an event that is not to be emitted; undefined for any other. */
export function resultWithout(event: string | symbol): boolean | undefined {
  if (!isAgain && !hasThrown) return undefined;
  if (event === MONITOR) return hasThrown && real.hasUncaughtExceptionCaptureCallback() ? undefined : false;
  if (!hasThrown) return undefined;
  if (event === UNCAUGHT) return false;
  if (event !== 'exit') return undefined;
  const { isMainThread } = builtin<typeof import('node:worker_threads')>('worker_threads');
  // Those of Node where a handler of uncaught exceptions throws.
  real.exitCode = isMainThread ? 7 : 1;
  return true;
}

/** True for the event of an error that comes up again: it has waited. */
export const hasWaited = (event: string | symbol): boolean => isAgain && event === UNCAUGHT;

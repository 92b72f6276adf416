import { builtin } from '../../runtime/builtins.js';
import { indexOf, push, shift, splice } from '../../runtime/primordials.js';
import { suspendBlocking } from '../../runtime/stream-descriptors.js';

const { setImmediate } = builtin<typeof import('node:timers')>('timers');

const waiting: (() => void)[] = [];
let isTaken = false;

/**
 * Suspends until it is this task's turn to start a process. Starting one (fork, exec) blocks for milliseconds, which
 * nobody can help; but tasks that start many at once start one each turn of the event loop.
 */
export function takeTurn(what: string): void {
  if (!isTaken) {
    isTaken = true;
    setImmediate(giveTurn);
    return;
  }
  suspendBlocking<void>(what, (wait) => {
    const go = (): void => wait.resolve();
    push(waiting, go);
    return () => void splice(waiting, indexOf(waiting, go), 1);
  });
}

/** True if a task that starts a process now has to wait for its turn. */
export function isTurnTaken(): boolean {
  return isTaken;
}

function giveTurn(): void {
  const go = shift(waiting);
  isTaken = go !== undefined;
  if (go === undefined) return;
  setImmediate(giveTurn);
  go();
}

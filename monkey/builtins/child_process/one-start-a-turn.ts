// The starts of processes, one each turn of the event loop.
//
// The immediate that ends a turn keeps the loop going only while tasks wait. A child may be over before its turn is:
// 'beforeExit' would then come again, as if its listener had left something to be done.
import { builtin } from '../../../runtime/base/builtins.js';
import { indexOf, push, shift, splice } from '../../../runtime/base/primordials.js';
import { suspendBlocking } from '../../../runtime/io/stream-descriptors.js';

const { clearImmediate, setImmediate } = builtin<typeof import('node:timers')>('timers');
const { apply, getPrototypeOf } = Reflect;

const probe = setImmediate(() => {});
const { ref, unref } = getPrototypeOf(probe) as NodeJS.Immediate;
clearImmediate(probe);

const waiting: (() => void)[] = [];
/** Ends the turn that a task has taken. */
let turn: NodeJS.Immediate | undefined;

/**
 * Suspends until it is this task's turn to start a process. Starting one (fork, exec) blocks for milliseconds, which
 * nobody can help; but tasks that start many at once start one each turn of the event loop.
 */
export function takeTurn(what: string): void {
  if (turn === undefined) {
    startTurn();
    return;
  }
  suspendBlocking<void>(what, (wait) => {
    const go = (): void => wait.resolve();
    push(waiting, go);
    holdLoop();
    return () => {
      splice(waiting, indexOf(waiting, go), 1);
      holdLoop();
    };
  });
}

/** True if a task that starts a process now has to wait for its turn. */
export function isTurnTaken(): boolean {
  return turn !== undefined;
}

function startTurn(): void {
  turn = setImmediate(endTurn);
  holdLoop();
}

function endTurn(): void {
  turn = undefined;
  const go = shift(waiting);
  if (go === undefined) return;
  startTurn();
  go();
}

function holdLoop(): void {
  if (turn !== undefined) apply(waiting.length > 0 ? ref : unref, turn, []);
}

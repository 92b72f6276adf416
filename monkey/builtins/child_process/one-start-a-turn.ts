// The starts of processes, one each turn of the event loop.
//
// The immediate that ends a turn keeps the loop going only while tasks wait. A child may be over before its turn is:
// 'beforeExit' would then come again, as if its listener had left something to be done.
import { builtin } from '../../../runtime/base/builtins.js';
import { asIfBlocking } from '../../../runtime/io/stream-descriptors.js';
import { WaitList } from '../../../runtime/waiting/wait-list.js';

const { clearImmediate, setImmediate } = builtin<typeof import('node:timers')>('timers');
const { apply, getPrototypeOf } = Reflect;

const probe = setImmediate(() => {});
const { ref, unref } = getPrototypeOf(probe) as NodeJS.Immediate;
clearImmediate(probe);

const waiting = new WaitList<void>(holdLoop);
/** Ends the turn that a task has taken. */
let turn: NodeJS.Immediate | undefined;

/**
 * Suspends until it is this task's turn to start a process. Starting one (fork, exec) blocks for milliseconds, which
 * cannot be helped; but tasks that start many at once start one each turn of the event loop.
 */
export function takeTurn(what: string): void {
  if (turn === undefined) startTurn();
  else asIfBlocking(() => waiting.wait(what, Number.POSITIVE_INFINITY, undefined));
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
  const next = waiting.take();
  if (next === undefined) return;
  startTurn();
  next.wake();
}

function holdLoop(): void {
  if (turn !== undefined) apply(waiting.size > 0 ? ref : unref, turn, []);
}

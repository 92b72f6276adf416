// The listeners of `process` are called one after the other, as in plain Node, though one is suspended: the other listeners of its
// event, and the events that come meanwhile. Other emitters have a queue for each suspended piece (held-events.ts). Node asks by some
// events of `process` what is to be done, so they cannot wait there.
import { asyncScopeHere } from '../../../runtime/base/async-scope.js';
import { builtin, globals } from '../../../runtime/base/builtins.js';
import { call, push, shift } from '../../../runtime/base/primordials.js';
import { currentContext } from '../../../runtime/suspension/context.js';
import { isExiting } from '../../../runtime/suspension/exit-hook.js';
import { holdCallback, mustWait } from '../../../runtime/suspension/held-callbacks.js';
import type { Line } from '../../../runtime/suspension/line.js';
import { isOnCarrier } from '../../../runtime/suspension/native-core.js';
import { lineHere } from '../../../runtime/suspension/pieces.js';
import { type Listener, listening, standingFor } from '../../kit/emitter-listeners.js';
import { stopChannel } from '../../kit/ipc-channel.js';

const real = builtin<typeof import('node:process')>('process');
const { listenerCount } = builtin<typeof import('node:events')>('events').prototype;

/** A listener that is called as a task of its own. */
interface Turn {
  /** True once no code of Node's would see it throw. */
  isApart: boolean;
}

/** The listener that was called last. */
let running: Line | undefined;
/** The one that is about to be entered. */
let next: Turn | undefined;
/** The other listeners of the event that `running` has got. */
const calls: (() => void)[] = [];
/** The events that have come since. */
const events: (() => void)[] = [];
let willGive = false;

const isRunning = (): boolean => running !== undefined && mustWait(running);

/** True while a listener of `process` is suspended, or is yet to be called: no event could come in plain Node. */
export const isListening = (): boolean => (calls.length > 0 || isRunning()) && !isExiting();

/** The same, or while events wait that have come before. */
export const isBusy = (): boolean => isListening() || (events.length > 0 && !isExiting());

/** Has an event be given when those before it were. */
export function giveInTurn(give: () => void): void {
  wait(events, give);
}

function wait(list: (() => void)[], fn: () => void): void {
  const inScope = asyncScopeHere('HeldEvent');
  push(list, () => inScope(fn));
  giveSoon();
}

/**
 * Gives the function to register for a listener that waits for its turn.
 * @param failed - called if it throws where no code of Node's sees that
 */
export function takingTurns(listener: Listener, failed: () => void): Listener {
  if (typeof listener !== 'function') return listener;
  const noted = function (this: unknown, ...args: never[]): unknown {
    const turn = next;
    next = undefined;
    if (!isRunning()) running = lineHere();
    let returned = false;
    try {
      const result = Reflect.apply(listener, this, args);
      returned = true;
      return result;
    } finally {
      // Not caught: Node prints the place where an error was thrown.
      if (!returned && turn !== undefined && currentContext()?.scope.isOver() !== true) {
        calls.length = 0;
        if (turn.isApart) failed();
      }
    }
  };
  const entered = listening(noted);
  if (entered === noted) return listener;
  return standingFor(listener, function (this: unknown, ...args: never[]): unknown {
    // A program that emits goes on when its listeners are done, and an error that a task throws waits for its handlers.
    if (isOnCarrier()) return Reflect.apply(entered, this, args);
    const enter = (isApart: boolean): unknown => {
      const turn: Turn = { isApart };
      next = turn;
      try {
        return Reflect.apply(entered, this, args);
      } finally {
        turn.isApart = true;
        next = undefined;
        leaveChannel();
      }
    };
    if (!isListening()) return enter(false);
    wait(calls, () => void enter(true));
    return undefined;
  });
}

/** Listeners of Node's for each channel; a worker of a cluster has more. */
const OF_CHANNEL = 1;
/** Has the channel to the parent be read again; undefined while it is read. */
let read: (() => void) | undefined;

/** Leaves what comes from the parent to the system until no listener is suspended, and no event waits. */
function leaveChannel(): void {
  if (read !== undefined || !isRunning()) return;
  // By that of a cluster's worker its server gets connections, which need not wait.
  if (call(listenerCount, real, 'internalMessage') > OF_CHANNEL) return;
  read = stopChannel(real);
  if (read !== undefined) giveSoon();
}

function giveSoon(): void {
  if (willGive) return;
  willGive = true;
  if (running !== undefined && isRunning()) holdCallback(running, giveTurns);
  else globals.setImmediate(giveTurns);
}

/** Calls the other listeners of an event, or gives the next event, each in a turn of its own, as they would have come. */
function giveTurns(): void {
  willGive = false;
  // In plain Node nothing comes any more.
  if (isExiting()) return;
  try {
    if (calls.length === 0 && !isRunning()) shift(events)?.();
    while (calls.length > 0 && !isRunning()) shift(calls)?.();
  } finally {
    if (calls.length > 0 || events.length > 0 || (read !== undefined && isRunning())) giveSoon();
    else {
      read?.();
      read = undefined;
    }
  }
}

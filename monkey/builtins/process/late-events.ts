// Events of `process` that come while synchronous code is suspended where plain Node blocks: there they would come when it has
// ended, to the listeners that it has added by then. Those that are there get them at once, unless one of them is such code: then the
// event as a whole waits for its turn (turns.ts).
import { builtin, globals } from '../../../runtime/base/builtins.js';
import { call, each, exec, filter, find, push, shift } from '../../../runtime/base/primordials.js';
import { holdCallback } from '../../../runtime/suspension/held-callbacks.js';
import type { Line } from '../../../runtime/suspension/line.js';
import { isOnCarrier } from '../../../runtime/suspension/native-core.js';
import { blockedLines, isBlockedAnywhere } from '../../../runtime/suspension/pieces.js';
import { entersTask } from '../../kit/emitter-listeners.js';
import { addedSince, emitTo, registered } from '../../kit/late-listeners.js';
import { asks, comeUpAgain, hasWaited, isOfError, isOfUncaught, resultWithout } from './error-events.js';
import { giveInTurn, isBusy, isListening } from './turns.js';

const real = builtin<typeof import('node:process')>('process');

/** Not 'exit' and 'beforeExit': Node goes on when their listeners have returned. */
const OWN =
  /^(SIG|warning$|message$|disconnect$|worker|rejectionHandled$|uncaughtException|unhandledRejection$)/;

type Args = readonly unknown[];
type Emit = (this: object, event: string | symbol, ...args: unknown[]) => boolean;
/** No other object has it: in Node its only property is `constructor`. */
const prototype = Object.getPrototypeOf(real) as object;
const { once, listenerCount: countOf } = builtin<typeof import('node:events')>('events').prototype;
const nodes = (): Emit => Reflect.get(Object.getPrototypeOf(prototype) as object, 'emit');

/** True for an event of Node's whose listeners are called one after the other. */
export const isOwnEvent = (event: string | symbol): event is string =>
  typeof event === 'string' && exec(OWN, event) !== null;

/** Stands before Node's, which the program sees. */
const { emit }: { emit: Emit } = {
  // A bundle may rename a function that is no method.
  emit(event, ...args) {
    const result = resultWithout(event);
    if (result !== undefined) return result;
    if (isOwnEvent(event) && !hasWaited(event) && isKept(event, args)) return true;
    if (event === 'internalMessage' && isBusy() && isToDisconnect(args[0])) {
      giveInTurn(() => void call(nodes(), real, event, ...each(args)));
      return true;
    }
    return call(nodes(), this, event, ...each(args));
  },
};
Object.defineProperty(prototype, 'emit', { value: emit, writable: true, configurable: true });

/** True for the message by which Node has a cluster's worker close its channel. */
function isToDisconnect(message: unknown): boolean {
  const { cmd, act } = (message ?? {}) as { cmd?: unknown; act?: unknown };
  return cmd === 'NODE_CLUSTER' && act === 'disconnect';
}

/** Has an event wait for its turn, or for listeners that are yet to come. @returns false if those that are there are to get it */
function isKept(event: string, args: Args): boolean {
  // A program that emits goes on when its listeners are done.
  const mayWait = !isOnCarrier() || isOfUncaught(event);
  // An error comes where it is thrown, maybe by the listener of an event that has waited.
  const mustWait = isOfError(event) ? isListening() : isBusy();
  if (mayWait && mustWait && waitsItsTurn(event, args)) return true;
  if (event === 'message' && unheard.length > 0 && !isOnCarrier()) {
    push(unheard, args);
    return true;
  }
  return isForLate(event, args);
}

/** Node's own listeners, and those of code that is no task, get it at once. */
function waitsItsTurn(event: string, args: Args): boolean {
  const others = filter(registered(real, event), (listener) => !entersTask(listener));
  if (others.length > 0 && asks(event)) return false;
  giveInTurn(() => {
    const listeners = filter(registered(real, event), entersTask);
    if (asks(event) && (listeners.length === 0 || isOfUncaught(event))) comeUpAgain(event, args);
    else if (!isForLate(event, args)) emitTo(real, listeners, event, args);
  });
  if (others.length > 0) emitTo(real, others, event, args);
  return true;
}

/** Keeps an event for listeners that suspended code may add. @returns true for a message that has no other */
function isForLate(event: string, args: Args): boolean {
  const before = registered(real, event);
  const isUnheard = event === 'message' && before.length === 0 && !isOnCarrier();
  const lines = isOfError(event) ? [] : blockedLines();
  if (lines.length > 0) {
    const give = (): void => {
      const late = filter(addedSince(before, registered(real, event)), entersTask);
      if (late.length > 0) emitTo(real, late, event, args);
      else if (isUnheard) keepUnheard(args);
    };
    push(waiting, { lines, give });
    if (waiting.length === 1) giveWaiting();
  } else if (isUnheard) keepUnheard(args);
  return isUnheard;
}

/** Messages for the next listener: Node keeps those that come while there is none, but not beyond the end of the channel. */
const unheard: Args[] = [];

function keepUnheard(args: Args): void {
  push(unheard, args);
  if (unheard.length === 1) giveUnheardLater();
}

const giveUnheardLater = (): unknown => call(once, real, 'newListener', () => globals.nextTick(giveUnheard));

function giveUnheard(): void {
  while (unheard.length > 0 && registered(real, 'message').length > 0) {
    const args = shift(unheard) as Args;
    if (!isBusy() || !waitsItsTurn('message', args)) call(nodes(), real, 'message', ...each(args));
  }
  if (unheard.length > 0) giveUnheardLater();
}

const listenerCount = (event: string | symbol, ...more: unknown[]): number =>
  event === 'message' && (unheard.length > 0 || isBlockedAnywhere() || isBusy())
    ? 1
    : call(countOf as (...args: unknown[]) => number, real, event, ...each(more));
Object.defineProperty(prototype, 'listenerCount', {
  value: listenerCount,
  writable: true,
  configurable: true,
});

interface Waiting {
  readonly lines: readonly Line[];
  readonly give: () => void;
}
const waiting: Waiting[] = [];

/** Gives those, in order, that come before one of which a line is suspended. */
function giveWaiting(): void {
  let given = false;
  try {
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      const blocked = find(first.lines, (line) => line.blocked > 0);
      if (blocked !== undefined) {
        holdCallback(blocked, giveWaiting);
        break;
      }
      shift(waiting);
      first.give();
    }
    given = true;
  } finally {
    // In plain Node, too, what comes after an error comes in a later turn.
    if (!given) globals.setImmediate(giveWaiting);
  }
}

/** The method of Node's that the program sees in place of one of these; undefined for any other value. */
export function nodesFor(key: PropertyKey, value: unknown): unknown {
  if (value !== emit && value !== listenerCount) return undefined;
  return Reflect.get(Object.getPrototypeOf(prototype) as object, key);
}

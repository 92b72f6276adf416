// Events of `process` that come while synchronous code is suspended where plain Node blocks: there they would come when it has
// ended, to the listeners that it has added by then. Those that are there get them at once.
import { builtin, globals } from '../../../runtime/base/builtins.js';
import { call, each, exec, filter, find, push, shift } from '../../../runtime/base/primordials.js';
import { holdCallback } from '../../../runtime/suspension/held-callbacks.js';
import { blockedLines, isBlockedAnywhere, type Line } from '../../../runtime/suspension/pieces.js';
import { entersTask } from '../../kit/emitter-listeners.js';
import { addedSince, emitTo, registered } from '../../kit/late-listeners.js';

const real = builtin<typeof import('node:process')>('process');

/** Not those by which Node asks what is to be done. */
const KEPT = /^(SIG|warning$|message$|disconnect$|worker|rejectionHandled$)/;

type Emit = (this: object, event: string | symbol, ...args: unknown[]) => boolean;
/** No other object has it: in Node its only property is `constructor`. */
const prototype = Object.getPrototypeOf(real) as object;
const { once, listenerCount: countOf } = builtin<typeof import('node:events')>('events').prototype;
const nodes = (): Emit => Reflect.get(Object.getPrototypeOf(prototype) as object, 'emit');

/** Stands before Node's, which the program sees. */
const emit: Emit = function (event, ...args) {
  const lines = typeof event === 'string' && exec(KEPT, event) !== null ? blockedLines() : [];
  if (lines.length > 0) {
    const before = registered(real, event);
    const give = (): void => {
      const late = filter(addedSince(before, registered(real, event)), entersTask);
      if (late.length > 0) emitTo(real, late, event, args);
      else if (before.length === 0 && event === 'message')
        call(once, real, 'newListener', () => globals.nextTick(give));
    };
    push(waiting, { lines, give });
    if (waiting.length === 1) giveWaiting();
  }
  return call(nodes(), this, event, ...each(args));
};
Object.defineProperty(prototype, 'emit', { value: emit, writable: true, configurable: true });

/** Node keeps a message without a listener until there is one, but not beyond the end of the channel. */
const listenerCount = (event: string | symbol, ...more: unknown[]): number =>
  event === 'message' && isBlockedAnywhere()
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

/** Gives the first one when none of its lines is suspended any more, and the others after it. */
function giveWaiting(): void {
  const first = waiting[0];
  if (first === undefined) return;
  const blocked = find(first.lines, (line) => line.blocked > 0);
  if (blocked !== undefined) {
    holdCallback(blocked, giveWaiting);
    return;
  }
  shift(waiting);
  try {
    first.give();
  } finally {
    giveWaiting();
  }
}

/** The method of Node's that the program sees in place of one of these; undefined for any other value. */
export function nodesFor(key: PropertyKey, value: unknown): unknown {
  if (value !== emit && value !== listenerCount) return undefined;
  return Reflect.get(Object.getPrototypeOf(prototype) as object, key);
}

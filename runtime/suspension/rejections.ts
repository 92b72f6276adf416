// A promise that synchronous code has made is not unhandled before that code could handle it: in plain Node it is looked
// at when the code has ended. Here the code may be suspended meanwhile. So Node hears of such a rejection when the code goes
// on. Whose a promise is cannot be known; known is in which async context it was rejected, and which code of that
// context is suspended. Node's handler of rejections is found in a closure.
// Guarded by test/monkey/made-then-listened.test.ts.
import { builtin } from '../base/builtins.js';
import { objectsInClosure } from '../base/closure-variable.js';
import type { AnyFunction } from '../base/disguise.js';
import { usesAsyncContextFrame } from '../base/node-features.js';
import { type Context, currentContext } from './context.js';
import type { Line } from './line.js';
import { afterMicrotasks } from './native-core.js';
import { lineHere, suspendedLine, suspendedPiece, suspensionsSoFar, wasSuspendedAfter } from './pieces.js';
import { ofTaskQueues } from './tick-queue.js';
import { blocksAndEnds, endsByItself, endsSoon } from './wait-kinds.js';

type Handler = (type: number, promise: Promise<unknown>, reason: unknown) => void;

/** V8's kinds of news about promises. */
const NO_HANDLER = 0;
const HANDLED_AFTER = 1;

/** A rejection, as far as it is known. */
interface Rejection {
  readonly reason: unknown;
  /** Which work it belongs to; undefined if that is unknown. */
  readonly work: object | undefined;
  /** Node looks when nothing of it is left to run; undefined on the main stack. */
  readonly line: Line | undefined;
  /** The number of the last suspension before it. */
  readonly after: number;
  /** Runs a function as the code that rejected. */
  readonly inContext: (fn: () => void) => void;
  /** The pieces that it waits for, by carrier; undefined before it was looked at. */
  pieces: Map<number, number> | undefined;
}

const { AsyncLocalStorage } = builtin<typeof import('node:async_hooks')>('async_hooks');
const { snapshot } = AsyncLocalStorage;
const directly = (fn: () => void): void => fn();

/** Rejections that Node has heard of in this turn. */
const heard = new Map<Promise<unknown>, Rejection>();
/** Those that it will hear of. */
const held = new Map<Promise<unknown>, Rejection>();
let tellNode: Handler | undefined;
let forEachParked: (see: (carrier: number, wait: { what: string; context: Context }) => void) => void;
let willLook = false;

/**
 * Comes between V8 and Node's handler of rejections.
 * @param parked - shows what is parked, by carrier
 * @returns empty, or why it cannot be done
 */
export function startRejections(parked: typeof forEachParked): string {
  try {
    const listen = ofTaskQueues()[0] as AnyFunction;
    const found = objectsInClosure(listen, ['setPromiseRejectCallback', 'promiseRejectHandler']);
    const set = found[0] as (handler: Handler) => void;
    const handler = found[1] as Handler;
    if (typeof set !== 'function' || typeof handler !== 'function') return 'no closure holds them';
    forEachParked = parked;
    tellNode = handler;
    set(onRejection);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : 'a foreign error';
  }
}

function workOf(context: Context | undefined): object | undefined {
  return context?.entry ?? context?.task;
}

function onRejection(type: number, promise: Promise<unknown>, reason: unknown): void {
  if (type === NO_HANDLER) {
    const inContext = usesAsyncContextFrame ? snapshot() : directly;
    hear(promise, {
      reason,
      work: workOf(currentContext()),
      line: lineHere(),
      after: suspensionsSoFar(),
      inContext,
      pieces: undefined,
    });
  } else if (type === HANDLED_AFTER) {
    heard.delete(promise);
    if (held.delete(promise)) return;
  }
  tellNode?.(type, promise, reason);
}

function hear(promise: Promise<unknown>, rejection: Rejection): void {
  heard.set(promise, rejection);
  if (willLook) return;
  willLook = true;
  // Before Node looks, which it does when no tick is left; the microtasks that come before may be suspended, too.
  afterMicrotasks(look);
}

/** True if the code may handle it that is suspended on a carrier: Node would look only when that has ended. */
function waitsFor(
  rejection: Rejection,
  carrier: number,
  piece: number,
  what: string,
  context: Context,
): boolean {
  const { line, work, pieces, after } = rejection;
  if (blocksAndEnds(what)) {
    if (line !== undefined && suspendedLine(carrier) === line) return true;
    // In another tick or microtask before Node looks.
    if (pieces === undefined && wasSuspendedAfter(carrier, after)) return true;
  }
  if (work !== undefined && work !== workOf(context)) return false;
  return pieces === undefined ? endsByItself(what) : endsSoon(what) && pieces.get(carrier) === piece;
}

function look(): void {
  willLook = false;
  if (heard.size === 0) return;
  for (const promise of heard.keys()) {
    const rejection = heard.get(promise) as Rejection;
    const pieces = new Map<number, number>();
    forEachParked((carrier, { what, context }) => {
      const piece = suspendedPiece(carrier);
      if (waitsFor(rejection, carrier, piece, what, context)) pieces.set(carrier, piece);
    });
    if (pieces.size === 0) continue;
    held.set(promise, { ...rejection, pieces });
    tellNode?.(HANDLED_AFTER, promise, undefined);
  }
  heard.clear();
}

/** To be called where the code of a carrier goes on. */
export function tellHeldRejections(carrier: number): void {
  if (held.size === 0) return;
  for (const promise of held.keys()) {
    const rejection = held.get(promise) as Rejection;
    if (!rejection.pieces?.has(carrier)) continue;
    held.delete(promise);
    hear(promise, rejection);
    rejection.inContext(() => tellNode?.(NO_HANDLER, promise, rejection.reason));
  }
}

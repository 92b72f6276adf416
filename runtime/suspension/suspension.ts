// Switches stacks. All that suspends does so through suspend(), and callbacks are entered in place by enterInPlace(). The rules
// that keep a suspension safe are in this file. Two other files of this room switch stacks, by its switchAway() or on the main
// stack: coroutine-switch.ts and run-due-in-place.ts. More than 400 lines, since its rules hold together: entering, parking and
// waking share their state.

import { globals } from '../base/builtins.js';
import { type Cancelled, NoPortalError } from '../base/errors.js';
import { resolved, whenSettled } from '../base/primordials.js';
import { scheduler } from '../base/scheduler.js';
import { beginAtProgram, fromProgramOn, showWaiter } from '../base/stacks.js';
import { Entered, type NativeBinding, Shared } from '../native/binding.js';
import { attachAsyncState, detachAsyncState } from './async-hooks-stack.js';
import { beginEntry, callerGoesOn, entered } from './caller-scope.js';
import {
  beginStrandContext,
  type Context,
  endStrandContext,
  enterContext,
  leaksIntoQueue,
  runOnStack,
  strandContinuation,
} from './context.js';
import { attachDomains, detachDomains, enterBelowDomains, leaveDomains } from './domain-stack.js';
import { duringExit, isExitingBare } from './exit-hook.js';
import { giveHeldCallbacks } from './held-callbacks.js';
import { core, currentCarrier, inMicrotask, startCore } from './native-core.js';
import { beginRun, endRun, goOnWithRun, observing } from './observer.js';
import {
  beginCallback,
  endCallback,
  microtasksEnded,
  type Piece,
  pieceGoesOn,
  suspendPiece,
  wasAway,
} from './pieces.js';
import { currentBans, requirePortal } from './portal.js';
import { tellHeldRejections } from './rejections.js';
import type { Cancellable, Scope } from './scope.js';
import { requireStackToGive } from './stack-room.js';
import { beginStores, leaveStores } from './storage-values.js';
import { tellTicksLeft } from './tick-queue.js';
import { areTicksForeign, keepingTicks } from './ticks.js';
import { SLICE } from './wait-kinds.js';
import { countWait } from './wait-times.js';

/** The waits that are parked, by carrier; {@link parkedWaits} reports them. */
const parked: (Wait<unknown> | undefined)[] = [];

/** How often something could not be done the usual way. Part of `aevent.info()`. */
export const counters: { enteredNatively: number; eventsHeld: number } = {
  enteredNatively: 0,
  eventsHeld: 0,
};

/** Connects to a started native addon; see {@link startCore}. */
export function startSuspension(...started: Parameters<typeof startCore>): void {
  started[0].filterErrors(isExpected);
  startCore(...started);
}

/** The running code never goes on, and nothing cancels that. Only on a carrier. */
export function parkForEver(): never {
  for (;;) switchAway(currentCarrier());
}

/** The other end of a suspension: settle it once, from anywhere. Later calls do nothing. */
export interface Waiter<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** A task's wait, as the task dump sees it. */
export class Wait<T> implements Waiter<T>, Cancellable {
  readonly what: string;
  readonly context: Context;
  /** The thing that it waits for: one of the program's, a {@link Subject}, or undefined. */
  readonly about: unknown;
  readonly #carrier: number;
  #state: 'pending' | 'resolved' | 'rejected' = 'pending';
  #value: unknown;
  #isCancelled = false;
  onCancel: (() => void) | undefined;

  constructor(what: string, context: Context, carrier: number, about?: unknown) {
    this.what = what;
    this.context = context;
    this.about = about;
    this.#carrier = carrier;
  }

  get pending(): boolean {
    return this.#state === 'pending';
  }

  resolve(value: T): void {
    this.#settle('resolved', value);
  }

  reject(error: unknown): void {
    this.#settle('rejected', error);
  }

  /**
   * As `resolve`, from a plain callback of the loop: the task goes on when the loop has called back all that its poll has
   * brought, and together with all others that do. Each is followed by the next directly, which is half the switches.
   */
  resolveAfterPoll(value: T): void {
    this.#settle('resolved', value, wakeAfterPoll);
  }

  cancel(error: Cancelled): void {
    if (!this.pending) return;
    const { onCancel } = this;
    observing.by?.cancels(this);
    this.#settle('rejected', error);
    this.#isCancelled = true;
    onCancel?.();
  }

  /** The outcome; only after it was settled. */
  take(): T {
    if (this.#isCancelled) beginAtProgram(this.#value as Cancelled);
    if (this.#state === 'rejected') throw this.#value;
    return this.#value as T;
  }

  /** Of an error that the operation ended with, shows where it was begun. */
  showWaiter(): void {
    if (this.#state === 'rejected' && !this.#isCancelled) showWaiter(this.#value);
  }

  #settle(state: 'resolved' | 'rejected', value: unknown, goOn: (carrier: number) => void = wake): void {
    if (!this.pending) return;
    // The wake comes first, since it may overflow: a wait that seemed settled would never be woken.
    const isParked = parked[this.#carrier] === this;
    if (isParked) goOn(this.#carrier);
    this.#state = state;
    this.#value = value;
    if (isParked) observing.by?.wakes(this);
  }
}

/**
 * Suspends the current task until the wait is settled. A checkpoint: raises {@link Cancelled} in a cancelled scope.
 * @param what - names the wait in the task dump, e.g. `fs.readFileSync`
 * @param start - begins the operation; runs at once, may settle at once. It returns a function that is called when an
 *   enclosing scope is cancelled, and that must release all that the operation holds
 * @param about - the thing that is waited for, as `aevent.tasks()` is to show it: a path, a descriptor, an object
 * @throws {@link NoPortalError} where nothing can be suspended
 */
export function suspend<T>(
  what: string,
  start: (wait: Waiter<T>) => (() => void) | undefined,
  about?: unknown,
): T {
  return suspendIn<T>(
    what,
    (wait) => start({ resolve: (value) => wait.resolve(value), reject: (error) => wait.reject(error) }),
    about,
  );
}

/** As {@link suspend}, for frequent operations: `start` gets the wait itself, with methods that are not bound to it. */
export function suspendIn<T>(
  what: string,
  start: (wait: Wait<T>) => (() => void) | undefined,
  about?: unknown,
): T {
  const context = requirePortal(what);
  requireStackToGive();
  context.scope.throwIfCancelled();
  if (isExitingBare()) return duringExit(context, what, () => suspendIn(what, start, about));
  if (areTicksForeign()) return keepingTicks(() => startAndPark(what, context, start, about));
  return startAndPark(what, context, start, about);
}

function startAndPark<T>(
  what: string,
  context: Context,
  start: (wait: Wait<T>) => (() => void) | undefined,
  about: unknown,
): T {
  const wait = new Wait<T>(what, context, currentCarrier(), about);
  const onCancel = start(wait);
  if (wait.pending) {
    wait.onCancel = onCancel;
    park(wait);
  }
  wait.showWaiter();
  return wait.take();
}

/**
 * Suspends until `promise` settles; gives its value or throws its reason. Cancellation leaves the promise alone.
 */
export function awaitPromise<T>(promise: PromiseLike<T>, what = 'await_', about?: unknown): T {
  const context = requirePortal(what);
  requireStackToGive();
  try {
    context.scope.throwIfCancelled();
  } catch (error) {
    // It may fail unheard from now on, as it may when the wait is cancelled later: the task knows why it is not told.
    if (promise instanceof Promise) whenSettled(promise, undefined, () => {});
    throw error;
  }
  if (isExitingBare()) return duringExit(context, what, () => awaitPromise(promise, what, about));
  const native = core.binding as NativeBinding;
  // As with `await`, queued microtasks go first. If there are none, parking would only come back here.
  if (promise instanceof Promise && promise.constructor === Promise) {
    const value = native.peek(promise);
    if (value !== native) return value as T;
  }
  const wait = new Wait<T>(what, context, currentCarrier(), about);
  // A thenable is adopted by Node's own rules: once, and never in the middle of this call.
  whenSettled(
    promise instanceof Promise ? promise : resolved(promise),
    (value) => wait.resolve(value as T),
    (error) => wait.reject(error),
  );
  if (areTicksForeign()) keepingTicks(() => park(wait));
  else park(wait);
  return wait.take();
}

/**
 * Suspends code that was interrupted in the middle of computing, until the wait is settled; only where {@link hasPortal}.
 * Throws nothing: that its scope is cancelled only ends the wait.
 * @param start - begins the wait; returns a function that is called when an enclosing scope is cancelled
 */
export function stepAside(context: Context, start: (wait: Wait<void>) => () => void): void {
  const wait = new Wait<void>(SLICE, context, currentCarrier());
  wait.onCancel = start(wait);
  if (areTicksForeign()) keepingTicks(() => park(wait));
  else park(wait);
}

/** Lets the event loop turn once. */
export function yieldToLoop(what = 'yield'): void {
  suspend<void>(what, (wait) => {
    const immediate = globals.setImmediate(() => wait.resolve());
    return () => globals.clearImmediate(immediate);
  });
}

/**
 * Calls `fn` now, on a carrier of its own. If it does not suspend, the caller sees its result or error. If it does,
 * the caller goes on at once with `undefined`; from then on only the hub resumes it, and an error it throws is
 * reported as an uncaught exception. Where no carrier can be had it runs on the caller's stack (and is counted).
 * @param context - in which it runs. That its scope's cancellation ends `fn` is no error. By default the caller's context
 */
export function enterInPlace<T>(fn: () => T, context?: Context): T | undefined {
  return enterCall(fn, undefined, [], context);
}

/** As {@link enterInPlace}, with `this` and arguments. */
export function enterCall<T>(
  fn: (...args: never[]) => T,
  self: unknown,
  args: ArrayLike<unknown>,
  context?: Context,
): T | undefined {
  if (core.binding === undefined) return callNatively(fn, self, args, context);
  const continuation = context && strandContinuation(context);
  const entry = beginEntry();
  const outcome = core.binding.enter(runEntered, continuation, fn, self, args, context);
  if (outcome === Entered.noCarrier) {
    counters.enteredNatively++;
    return starving(() => callNatively(fn, self, args, context));
  }
  const value = given as T | undefined;
  given = undefined;
  callerGoesOn(entry);
  return value;
}

/** The value that a strand which has not suspended hands to its caller. */
let given: unknown;

// No closure, and nothing on the way here that would be written to the heap: a busy server does this for each request.
function runEntered<T>(
  fn: (...args: never[]) => T,
  self: unknown,
  args: ArrayLike<unknown>,
  context: Context | undefined,
): void {
  const carrier = currentCarrier();
  entered(carrier);
  enterBelowDomains(carrier);
  beginStores(carrier);
  beginCallback(carrier, args, self);
  if (context !== undefined) beginStrandContext(context);
  beginRun(carrier, context, fn);
  let value: unknown;
  let returned = false;
  try {
    value = Reflect.apply(fn, self, args as never);
    returned = true;
  } finally {
    endRun(carrier);
    if (context !== undefined) endStrandContext();
    endCallback(carrier, returned, context);
    leaveDomains(carrier, returned);
    // Not caught: an error of fn passes through the native addon, which keeps the place where it was thrown.
    if (!returned) failed = context?.scope;
    leaveStores(carrier, !returned);
  }
  if (core.shared[Shared.resumed] === 0) given = value;
  else tellTicksLeft();
}

function callNatively<T>(
  fn: (...args: never[]) => T,
  self: unknown,
  args: ArrayLike<unknown>,
  context: Context | undefined,
): T {
  const call = (): T => Reflect.apply(fn, self, args as never);
  return context === undefined ? call() : runOnStack(context, call);
}

/** The scope of the function that is throwing. */
let failed: Scope | undefined;

// A callback of a scope that was cancelled ends by its Cancelled; no code catches it, and nothing is wrong.
function isExpected(error: unknown): boolean {
  const scope = failed;
  failed = undefined;
  return scope?.isCancellation(error) ?? false;
}

// For the errors of calls that want to suspend in there.
function starving<T>(fn: () => T): T {
  const state = core.shared;
  const before = state[Shared.starved] as number;
  state[Shared.starved] = 1;
  try {
    return fn();
  } finally {
    state[Shared.starved] = before;
  }
}

/** Has the rest of the running function or microtask, and all that it starts, belong to `context`. */
export function enterContextHere(context: Context | undefined): void {
  requireStackToGive();
  const carrier = currentCarrier();
  if (carrier !== 0 && currentBans().forbidden === 0 && leaksIntoQueue()) {
    // Let queued microtasks run first: the hub resumes a strand when the queue is empty.
    inMicrotask(() => wakeNow(carrier));
    switchAway(carrier);
  }
  enterContext(context);
}

/** Shows the parked waits, by carrier. */
export function parkedOnCarriers(see: (carrier: number, wait: Wait<unknown>) => void): void {
  for (let carrier = 1; carrier < parked.length; carrier++) {
    const wait = parked[carrier];
    if (wait !== undefined) see(carrier, wait);
  }
}

/** The times of a parked carrier. */
export interface ParkedTimes {
  readonly waitedNs: number;
  /** How long its piece had run before; 0 if that is not known. */
  readonly ranNs: number;
}

/** How long a parked carrier has been so. */
export function timesOnCarrier(carrier: number): ParkedTimes {
  const { binding, shared } = core;
  if (binding?.timesOf(carrier) !== true) return { waitedNs: 0, ranNs: 0 };
  return { waitedNs: shared[Shared.waitedNs] as number, ranNs: shared[Shared.ranNs] as number };
}

/** The stack of a parked carrier, as V8 sees it: with aevent's and Node's frames. */
export function stackOnCarrier(carrier: number): string {
  return core.binding?.stackOf(carrier) ?? '';
}

/** One line and a stack for each parked wait. */
export function parkedWaits(): { wait: Wait<unknown>; stack: string }[] {
  const found: { wait: Wait<unknown>; stack: string }[] = [];
  parked.forEach((wait, carrier) => {
    if (wait !== undefined) found.push({ wait, stack: fromProgramOn(core.binding?.stackOf(carrier) ?? '') });
  });
  return found;
}

function park(wait: Wait<unknown>): void {
  const carrier = currentCarrier();
  const { scope } = wait.context;
  scope.addWait(wait);
  parked[carrier] = wait;
  let piece: Piece | undefined;
  try {
    piece = suspendPiece(carrier, wait);
    observing.by?.suspends(carrier, wait);
    switchAway(carrier);
    noteTimes(wait);
  } finally {
    parked[carrier] = undefined;
    goOnWithRun(carrier, wait);
    pieceGoesOn(piece);
    tellHeldRejections(carrier);
    giveHeldCallbacks(piece?.line);
    scope.removeWait(wait);
  }
}

/** Just after a task went on: how long it had run before, and then waited. */
function noteTimes(wait: Wait<unknown>): void {
  const { shared } = core;
  const waitedNs = shared[Shared.waitedNs] as number;
  countWait(wait.what, waitedNs);
  const { task } = wait.context;
  if (task === undefined) return;
  task.waitedNs += waitedNs;
  task.ranNs += shared[Shared.ranNs] as number;
}

/**
 * Leaves the running stack, with the state that belongs to it. Returns when the stack is switched in again.
 * @param byHub - the hub switches it in, and no other code
 */
export function switchAway(carrier: number, byHub = true): void {
  const saved = detachAsyncState(carrier);
  const domains = detachDomains(carrier);
  const before = microtasksEnded();
  if (core.shared[Shared.resumed] !== 0) tellTicksLeft();
  try {
    (core.binding as NativeBinding).park();
  } finally {
    wasAway(carrier, before);
    attachDomains(carrier, domains, byHub);
    attachAsyncState(carrier, saved);
  }
}

function wake(carrier: number): void {
  const chosen = scheduler();
  if (chosen === undefined) wakeNow(carrier);
  else chosen.ready(() => wakeNow(carrier));
}

function wakeAfterPoll(carrier: number): void {
  // On the main stack, and below no microtask, where there is a pump: a callback of the loop.
  if (core.pumping && scheduler() === undefined && currentCarrier() === 0)
    core.binding?.wakeAfterPoll(carrier);
  else wake(carrier);
}

function wakeNow(carrier: number): void {
  const native = core.binding as NativeBinding;
  if (!core.pumping && !draining) {
    inMicrotask(drain);
    draining = true;
  }
  native.wake(carrier);
}

// Without the pump the hub never looks at the ready list, so a microtask does.
let draining = false;
function drain(): void {
  draining = false;
  const native = core.binding as NativeBinding;
  if (!native.drain()) globals.setImmediate(() => native.drain());
}

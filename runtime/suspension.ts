// The only file that switches stacks. Everything that suspends does it through suspend(), everything that
// is entered in place through enterInPlace(); the rules that keep this safe are here and nowhere else.
import { attachAsyncState, detachAsyncState, isInsideAsyncScope } from './async-state.js';
import { globals } from './builtins.js';
import type { Cancellable, CancelScope } from './cancel-scope.js';
import {
  beginInContext,
  type Context,
  currentContext,
  enterContext,
  leaksIntoQueue,
  runInContext,
  runOnStack,
  startStackContexts,
} from './context.js';
import { attachDomains, detachDomains, enterBelowDomains, leaveDomains } from './domains.js';
import { AeventError, type Cancelled, NoPortalError, systemError } from './errors.js';
import { Entered, type NativeBinding, PollEvents, Shared } from './native/binding.js';
import { scheduler } from './schedule.js';

let binding: NativeBinding | undefined;
let shared: Float64Array | undefined;
let pumping = false;
let maySuspendInsideScopes = true;
let forbidden = 0;
let forbiddenBy = '';
/** Frames that must be left in the order of their entry, whatever else is allowed. */
let pinned = 0;
const excluded = new Set<string>();

/** Who waits, by carrier; what {@link parkedWaits} reports. */
const parked: (Wait<unknown> | undefined)[] = [];

/** How often something could not be done the usual way. Part of `aevent.info()`. */
export const counters: { enteredNatively: number } = { enteredNatively: 0 };

/**
 * Connects to a started native core.
 * @param withPump - microtasks run on carriers
 * @param insideScopes - a suspension may leave native callback scopes open, since their depth is carried along
 */
export function startSuspension(
  native: NativeBinding,
  state: Float64Array,
  withPump: boolean,
  insideScopes: boolean,
): void {
  binding = native;
  shared = state;
  pumping = withPump;
  maySuspendInsideScopes = insideScopes;
  native.filterErrors(isExpected);
  startStackContexts(() => state[Shared.current] as number);
}

/** True once a backend that can switch stacks runs. */
export function suspensionStarted(): boolean {
  return binding !== undefined;
}

/** Names of modules whose functions stay native. */
export function excludeModules(names: Iterable<string>): void {
  for (const name of names) excluded.add(name);
}

/** The carrier that runs; 0 on the main stack. */
export function runningCarrier(): number {
  return shared?.[Shared.current] ?? 0;
}

/** True if the running code may suspend. */
export function hasPortal(): boolean {
  return isOnCarrier() && isPortal(currentContext());
}

/** True if the running code may suspend, whose context this is. */
function isPortal(context: Context | undefined): context is Context {
  if (shared === undefined || shared[Shared.current] === 0 || forbidden > 0 || isScopeInTheWay())
    return false;
  return context !== undefined && context.mode === 'patched';
}

/** True in code that runs on a carrier; the main stack runs Node's own, and callbacks that nothing opted in. */
export function isOnCarrier(): boolean {
  return shared !== undefined && shared[Shared.current] !== 0;
}

/** True if a replaced function of `module` should suspend here; where not, it does what Node does. */
export function maySuspend(module: string): boolean {
  return hasPortal() && !excluded.has(module);
}

/**
 * Runs `fn` with suspension forbidden: nothing else can run before it returns.
 * @param reason - for the error of what insists on suspending, e.g. `require() is evaluating a module`
 * @param pins - a coroutine that calls this may not be left before `fn` has returned, either
 */
export function withoutSuspension<T>(
  fn: () => T,
  reason = 'require() is evaluating a module',
  pins = false,
): T {
  const before = forbiddenBy;
  forbidden++;
  forbiddenBy = reason;
  if (pins) pinned++;
  try {
    return fn();
  } finally {
    if (pins) pinned--;
    forbidden--;
    forbiddenBy = before;
  }
}

/** Runs `fn` as if it were not below a {@link withoutSuspension}: for what ends the process anyway. */
export function allowingSuspension<T>(fn: () => T): T {
  const before = forbidden;
  forbidden = 0;
  try {
    return fn();
  } finally {
    forbidden = before;
  }
}

/** Turns the event loop once below the code that runs, which is on the main stack; see {@link NativeBinding.turnLoop}. */
export function turnLoop(): boolean {
  return (binding as NativeBinding).turnLoop();
}

/** The running code never goes on, and nothing cancels that. Only on a carrier. */
export function parkForEver(): never {
  for (;;) switchAway((shared as Float64Array)[Shared.current] as number);
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
  readonly #carrier: number;
  #state: 'pending' | 'resolved' | 'rejected' = 'pending';
  #value: unknown;
  onCancel: (() => void) | undefined;

  constructor(what: string, context: Context, carrier: number) {
    this.what = what;
    this.context = context;
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
    this.#settle('rejected', error);
    onCancel?.();
  }

  /** The outcome; only after it was settled. */
  take(): T {
    if (this.#state === 'rejected') throw this.#value;
    return this.#value as T;
  }

  #settle(state: 'resolved' | 'rejected', value: unknown, goOn: (carrier: number) => void = wake): void {
    if (!this.pending) return;
    this.#state = state;
    this.#value = value;
    if (parked[this.#carrier] === this) goOn(this.#carrier);
  }
}

/**
 * Suspends the current task until the wait is settled. A checkpoint: raises {@link Cancelled} in a cancelled scope.
 * @param what - names the wait in the task dump, e.g. `fs.readFileSync`
 * @param start - begins the operation; runs at once, may settle at once. What it returns is called when an
 *   enclosing scope is cancelled: it must release whatever the operation holds
 * @throws {@link NoPortalError} where nothing can be suspended
 */
export function suspend<T>(what: string, start: (wait: Waiter<T>) => (() => void) | undefined): T {
  return suspendIn<T>(what, (wait) =>
    start({ resolve: (value) => wait.resolve(value), reject: (error) => wait.reject(error) }),
  );
}

/** As {@link suspend}, for what is done all the time: `start` gets the wait itself, whose methods are not bound to it. */
export function suspendIn<T>(what: string, start: (wait: Wait<T>) => (() => void) | undefined): T {
  const context = requirePortal(what);
  context.scope.throwIfCancelled();
  const wait = new Wait<T>(what, context, (shared as Float64Array)[Shared.current] as number);
  const onCancel = start(wait);
  if (wait.pending) {
    wait.onCancel = onCancel;
    try {
      park(wait);
    } catch (error) {
      // There was not enough stack left to park on: nobody waits, so nobody may be handed anything.
      if (wait.pending) onCancel?.();
      throw error;
    }
  }
  return wait.take();
}

/**
 * Suspends until `promise` settles; gives its value or throws its reason. Cancellation leaves the promise alone.
 */
export function awaitPromise<T>(promise: PromiseLike<T>, what = 'await_'): T {
  const context = requirePortal(what);
  try {
    context.scope.throwIfCancelled();
  } catch (error) {
    // It may fail unheard from now on, as it may when the wait is cancelled later: the task knows why it is not told.
    if (promise instanceof Promise) promise.then(undefined, () => {});
    throw error;
  }
  const native = binding as NativeBinding;
  // As with `await`, whatever is in the queue goes first. If that is nothing, parking would only come back here.
  if (promise instanceof Promise && promise.constructor === Promise) {
    const value = native.peek(promise);
    if (value !== native) return value as T;
  }
  const wait = new Wait<T>(what, context, (shared as Float64Array)[Shared.current] as number);
  // A thenable is adopted by Node's own rules: once, and never in the middle of this call.
  (promise instanceof Promise ? promise : Promise.resolve(promise)).then(
    (value) => wait.resolve(value as T),
    (error) => wait.reject(error),
  );
  park(wait);
  return wait.take();
}

/** Lets the event loop turn once. */
export function yieldToLoop(what = 'yield'): void {
  suspend<void>(what, (wait) => {
    const immediate = globals.setImmediate(() => wait.resolve());
    return () => globals.clearImmediate(immediate);
  });
}

/**
 * Suspends until `fd` is readable (`r`) or writable (`w`), or broken: the system call that follows tells.
 * Uses no thread of libuv's pool and leaves the descriptor's flags alone. Returns at once for regular files,
 * which are always ready.
 */
export function waitForFd(fd: number, events: 'r' | 'w' | 'rw', what: string): void {
  const mask =
    (events.includes('r') ? PollEvents.readable : 0) | (events.includes('w') ? PollEvents.writable : 0);
  suspend<void>(what, (wait) => {
    const stop = watchFd(fd, mask, () => wait.resolve());
    if (stop === undefined) wait.resolve();
    return stop;
  });
}

/**
 * Calls `ready` once, from the event loop, when `fd` is ready for one of `events` or broken.
 * @param events - of {@link PollEvents}
 * @returns stops the watch; undefined if there is none to wait for: epoll does not know such files, which are always
 *   ready (EPERM), or this is no descriptor (EBADF)
 * @throws Node's system error, as `EMFILE`: a watch takes a descriptor
 */
export function watchFd(fd: number, events: number, ready: () => void): (() => void) | undefined {
  const native = binding as NativeBinding;
  const id = native.pollStart(fd, events, ready);
  if (id >= 0) return () => void native.pollStop(id);
  const error = systemError(id, 'poll');
  if (error.code === 'EPERM' || error.code === 'EBADF') return undefined;
  throw error;
}

/** Milliseconds since the event loop last turned. */
export function sinceLoopTurnMs(): number {
  return binding?.sinceLoopTurnMs() ?? 0;
}

/** Throws unless the running code may suspend; gives its context. */
export function requirePortal(what: string): Context {
  const context = currentContext();
  if (isPortal(context)) return context;
  throw new NoPortalError(what, noPortalReason(context));
}

// Left open by a parked task, a native callback scope would keep Node from ever running a microtask again.
function isScopeInTheWay(): boolean {
  return !maySuspendInsideScopes && isInsideAsyncScope((shared as Float64Array)[Shared.current] as number);
}

function noPortalReason(context: Context | undefined): string {
  if (context?.mode === 'outside') return 'this code belongs to no task';
  if (binding === undefined && context !== undefined) return 'backend: no stack can be switched here';
  const refusal = carrierRefusal();
  if (refusal !== '') return `no carrier: ${refusal}`;
  if (forbidden > 0) return forbiddenBy;
  if (context?.mode === 'native') return 'native() is in force';
  if (context === undefined) return 'this code belongs to no task';
  if (shared !== undefined && shared[Shared.current] !== 0 && isScopeInTheWay()) {
    return "async scope: Node's callback-scope depth was not found, see aevent.info().features.callbackScopeDepth";
  }
  return 'plain event-loop callback';
}

/**
 * Calls `fn` now, on a carrier of its own. If it does not suspend, the caller sees its result or error. If it does,
 * the caller goes on at once with `undefined`; from then on only the hub resumes it, and an error it throws is
 * reported as an uncaught exception. Where no carrier can be had it runs on the caller's stack (and is counted).
 * @param context - in which it runs. That its scope's cancellation ends `fn` is no error. By default the caller's context
 */
export function enterInPlace<T>(fn: () => T, context?: Context): T | undefined {
  if (binding === undefined) return inContext(context, fn);
  let result: T | undefined;
  // What fn throws passes through the native core, which keeps the place where it was thrown.
  const outcome = binding.enter(() => {
    const carrier = (shared as Float64Array)[Shared.current] as number;
    enterBelowDomains(carrier);
    let returned = false;
    try {
      result = context === undefined ? fn() : beginInContext(context, fn);
      returned = true;
    } finally {
      // Not caught: thrown again here, the error would lose the place where it was thrown.
      if (!returned) failed = context?.scope;
    }
    if ((shared as Float64Array)[Shared.resumed] !== 0) leaveDomains(carrier);
  });
  if (outcome === Entered.noCarrier) {
    counters.enteredNatively++;
    return starving(() => inContext(context, fn));
  }
  return result;
}

function inContext<T>(context: Context | undefined, fn: () => T): T {
  return context === undefined ? fn() : runOnStack(context, fn);
}

/** Whose function is throwing. */
let failed: CancelScope | undefined;

// A callback of a scope that was cancelled ends by its Cancelled; there is nobody to catch it, and nothing wrong.
function isExpected(error: unknown): boolean {
  const scope = failed;
  failed = undefined;
  return scope?.isCancellation(error) ?? false;
}

/** What was forbidden where a coroutine was entered or resumed; by carrier. */
const takenOver: { forbidden: number; forbiddenBy: string; pinned: number }[] = [];

/**
 * Enters `body` now, on a carrier of its own. Gives its carrier, and control back when it ends, when it calls
 * {@link leaveCoroutine}, or when it suspends. What it throws, whoever entered or resumed it last gets; nobody
 * does after it suspended, so that is an uncaught exception.
 * @returns one of {@link Entered}
 */
export function enterCoroutine(body: (carrier: number) => void): number {
  if (binding === undefined) return Entered.noCarrier;
  return binding.enter(() => {
    const carrier = currentCarrier();
    takenOver[carrier] = { forbidden, forbiddenBy, pinned };
    enterBelowDomains(carrier);
    body(carrier);
    if ((shared as Float64Array)[Shared.resumed] !== 0) leaveDomains(carrier);
  });
}

/** Goes on with a coroutine that has left, now and from here; gives control back as {@link enterCoroutine} does. */
export function resumeCoroutine(carrier: number): void {
  binding?.resume(carrier);
}

/**
 * Leaves the running coroutine: whoever entered or resumed it last goes on, at once. Returns when it is resumed. This
 * is no suspension: nothing runs in between that its caller does not run, so it is allowed where those are not.
 * @throws {@link NoPortalError} where V8 or Node would not survive it
 */
export function leaveCoroutine(what: string): void {
  const carrier = currentCarrier();
  const before = takenOver[carrier];
  if (before === undefined || pinned > before.pinned || isScopeInTheWay()) {
    throw new NoPortalError(what, noPortalReason(currentContext()));
  }
  // What it forbids itself, it forbids while it runs.
  const own = { forbidden: forbidden - before.forbidden, forbiddenBy };
  ({ forbidden, forbiddenBy } = before);
  switchAway(carrier);
  takenOver[carrier] = { forbidden, forbiddenBy, pinned };
  if (own.forbidden === 0) return;
  forbidden += own.forbidden;
  forbiddenBy = own.forbiddenBy;
}

/** The running carrier; 0 on the main stack. */
export function currentCarrier(): number {
  return shared?.[Shared.current] ?? 0;
}

/**
 * Runs `fn` on the main stack, and returns when it has ended: for native code that keeps something for each thread, as
 * it takes a carrier for one.
 */
export function callOnMain<T>(fn: () => T): T {
  return binding === undefined || currentCarrier() === 0 ? fn() : (binding.callOnMain(fn) as T);
}

/** True on a stack that can be put aside, unless the code there has opted out: it need not have opted in. */
export function mayPark(): boolean {
  return (
    currentCarrier() !== 0 && forbidden === 0 && !isScopeInTheWay() && currentContext()?.mode !== 'native'
  );
}

/**
 * Runs what is due, ticks and microtasks, on the main stack inside of this call, where nothing can be suspended; then
 * turns the event loop once if `turnLoop`, which blocks until something happens. What is run meanwhile lies on top of
 * the caller, who goes on only when that has returned.
 * @returns false if nothing is left in the loop that could happen
 * @throws {@link NoPortalError} on a carrier; and below a microtask if there is no pump, since no other one could run
 */
export function runDueInPlace(what: string, turnLoop: boolean): boolean {
  if (binding === undefined || currentCarrier() !== 0 || (!pumping && binding.runningMicrotasks())) {
    throw new NoPortalError(what, noPortalReason(currentContext()));
  }
  // A module that is being evaluated waits here in so many words: what others may do is their own affair.
  const own = { forbidden, forbiddenBy };
  forbidden = 0;
  try {
    if (binding.runDue(turnLoop, false)) return true;
    // Inside of a timer's callback, Node lets go of its one timer handle once a turn has run all that are due, and does
    // not take hold of it for those that are set after that. So there is no telling when nothing is left.
    return process.getActiveResourcesInfo().includes('Timeout') && binding.runDue(turnLoop, true);
  } finally {
    ({ forbidden, forbiddenBy } = own);
  }
}

// For the errors of what wants to suspend in there.
function starving<T>(fn: () => T): T {
  const state = shared as Float64Array;
  const before = state[Shared.starved] as number;
  state[Shared.starved] = 1;
  try {
    return fn();
  } finally {
    state[Shared.starved] = before;
  }
}

/** Throws where the running code was to be on a carrier, but the system gave none. */
export function requireCarrier(): void {
  const refusal = carrierRefusal();
  if (refusal === '') return;
  throw new AeventError(
    'AEVENT_NO_CARRIER',
    `A task could not be started: ${refusal}. ${shared?.[Shared.carriers]} stacks are in use, and serve again when ` +
      "their tasks end. Run fewer tasks at once, or raise ulimit -u, ulimit -v, the cgroup's pids.max or " +
      'vm.max_map_count.',
  );
}

function carrierRefusal(): string {
  if (shared === undefined || shared[Shared.starved] === 0 || shared[Shared.current] !== 0) return '';
  return binding?.refusal() ?? '';
}

/** Runs `fn` as a microtask on a carrier, in the context that is current now. */
export function startOnCarrier(fn: () => void): void {
  const chosen = scheduler();
  if (chosen === undefined) {
    startSoon(fn);
  } else {
    const context = currentContext();
    chosen.ready(() => runInContext(context, () => startSoon(fn)));
  }
}

function startSoon(fn: () => void): void {
  if (binding === undefined) {
    Promise.resolve().then(fn);
  } else if (!pumping) {
    // No pump: a carrier of its own, entered from the microtask on the main stack.
    Promise.resolve().then(() => void enterInPlace(fn));
  } else if ((shared as Float64Array)[Shared.current] === 0 && binding.runningMicrotasks()) {
    // The microtasks that are being run now began before the pump was there, on the main stack, where nothing can
    // suspend. A tick comes after them all.
    const context = currentContext();
    globals.nextTick(() => runInContext(context, () => void Promise.resolve().then(fn)));
  } else {
    Promise.resolve().then(fn);
  }
}

/** Has the rest of the running function or microtask, and what it starts, belong to `context`. */
export function enterContextHere(context: Context | undefined): void {
  const carrier = shared?.[Shared.current] ?? 0;
  if (carrier !== 0 && forbidden === 0 && leaksIntoQueue()) {
    // Let what is queued run first: the hub resumes a strand when the queue is empty.
    Promise.resolve().then(() => wakeNow(carrier));
    switchAway(carrier);
  }
  enterContext(context);
}

/** A promise whose continuation runs on a carrier. */
export function continueOnCarrier(): Promise<void> {
  if (binding !== undefined && !pumping) {
    return Promise.reject(
      new AeventError(
        'AEVENT_NO_PUMP',
        'perTask() needs microtasks to run on carriers, which is off here (see aevent.info().features.pump). ' +
          'Start the work with aevent.call() instead.',
      ),
    );
  }
  return new Promise((resolve, reject) => {
    startOnCarrier(() => {
      try {
        requireCarrier();
        resolve();
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** One line and a stack for each parked wait. */
export function parkedWaits(): { wait: Wait<unknown>; stack: string }[] {
  const found: { wait: Wait<unknown>; stack: string }[] = [];
  parked.forEach((wait, carrier) => {
    if (wait !== undefined) found.push({ wait, stack: binding?.stackOf(carrier) ?? '' });
  });
  return found;
}

function park(wait: Wait<unknown>): void {
  const carrier = (shared as Float64Array)[Shared.current] as number;
  const { scope } = wait.context;
  scope.addWait(wait);
  parked[carrier] = wait;
  try {
    switchAway(carrier);
  } finally {
    parked[carrier] = undefined;
    scope.removeWait(wait);
  }
}

function switchAway(carrier: number): void {
  const saved = detachAsyncState(carrier);
  const domains = detachDomains(carrier);
  try {
    (binding as NativeBinding).park();
  } finally {
    attachDomains(carrier, domains);
    attachAsyncState(saved);
  }
}

function wake(carrier: number): void {
  const chosen = scheduler();
  if (chosen === undefined) wakeNow(carrier);
  else chosen.ready(() => wakeNow(carrier));
}

function wakeAfterPoll(carrier: number): void {
  // On the main stack, and below no microtask, where there is a pump: a callback of the loop.
  if (pumping && scheduler() === undefined && currentCarrier() === 0) binding?.wakeAfterPoll(carrier);
  else wake(carrier);
}

function wakeNow(carrier: number): void {
  const native = binding as NativeBinding;
  native.wake(carrier);
  if (!pumping && !draining) {
    draining = true;
    Promise.resolve().then(drain);
  }
}

// Without the pump nobody looks at the ready list, so a microtask does.
let draining = false;
function drain(): void {
  draining = false;
  const native = binding as NativeBinding;
  if (!native.drain()) globals.setImmediate(() => native.drain());
}

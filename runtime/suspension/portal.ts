// Whether the code that runs may suspend, and if not why not.

import { NoPortalError } from '../base/errors.js';
import { Shared } from '../native/binding.js';
import { isInsideAsyncScope } from './async-hooks-stack.js';
import { type Context, currentContext } from './context.js';
import { carrierRefusal, core, currentCarrier, isOnCarrier } from './native-core.js';

/** The bans on suspending that hold for the running code. They go with a stack that is left and entered again. */
export interface Bans {
  /** How many calls that forbid to suspend are open. */
  readonly forbidden: number;
  /** The reason, for the error. */
  readonly forbiddenBy: string;
  /** Frames that must be left in the order of their entry, whatever else is allowed. */
  readonly pinned: number;
}

let forbidden = 0;
let forbiddenBy = '';
let pinned = 0;
const excluded = new Set<string>();

/** The bans in force. */
export function currentBans(): Bans {
  return { forbidden, forbiddenBy, pinned };
}

/** Puts bans in force, in place of those that are. */
export function setBans(bans: Bans): void {
  ({ forbidden, forbiddenBy, pinned } = bans);
}

/** Names of modules whose functions stay native. */
export function excludeModules(names: Iterable<string>): void {
  for (const name of names) excluded.add(name);
}

/** True if the running code may suspend. */
export function hasPortal(): boolean {
  return isOnCarrier() && isPortal(currentContext()); // nearly all code runs on the main stack
}

/** True if the running code may suspend, whose context this is. */
function isPortal(context: Context | undefined): context is Context {
  if (!isOnCarrier() || forbidden > 0 || areMicrotasksHeldBack() || isScopeInTheWay()) return false;
  return context !== undefined && context.mode === 'patched' && !isBuiltinInTheWay();
}

/** True in the synchronous code of a task, which catches errors that are thrown there; not in callbacks that belong to it. */
export function isBodyOfTask(): boolean {
  const context = currentContext();
  return isOnCarrier() && context?.task !== undefined && context.entry === undefined;
}

/** True if a replaced function of `module` should suspend here; where not, it is as Node's. */
export function maySuspend(module: string): boolean {
  return hasPortal() && !excluded.has(module);
}

/** V8's builtins below which nothing may suspend, as a stack trace shows them, and the reasons. */
let unnestable: { readonly frames: RegExp; readonly reasons: readonly string[] } | undefined;

/** From now on nothing suspends below V8's builtin of that name, which could not be replaced by one that allows it. */
export function forbidBelow(name: 'join' | 'stringify', reason: string): void {
  const names = [...(unnestable?.frames.source.match(/join|stringify/g) ?? []), name];
  unnestable = {
    // join() may be called for toString(), and its receiver be anything; V8's own functions have no place.
    frames: new RegExp(
      `^(?:\\S+\\.)?(?:${names.join('|')}|toLocaleString)(?: \\[as .*\\])? \\(<anonymous>\\)$`,
      'm',
    ),
    reasons: [...(unnestable?.reasons ?? []), reason],
  };
}

/** True below a builtin that could not be replaced; see {@link forbidBelow}. Costs a stack trace where there is one. */
export function isBuiltinInTheWay(): boolean {
  return (
    unnestable !== undefined && exec.call(unnestable.frames, core.binding?.runningFrames() ?? '') !== null
  );
}

const { exec } = RegExp.prototype;

/** Throws unless the running code may suspend; gives its context. */
export function requirePortal(what: string): Context {
  const context = currentContext();
  if (isPortal(context)) return context;
  throw new NoPortalError(what, noPortalReason(context));
}

/** True on a stack that can be put aside, unless the code there has opted out: it need not have opted in. */
export function mayPark(): boolean {
  return (
    isOnCarrier() &&
    forbidden === 0 &&
    !areMicrotasksHeldBack() &&
    !isScopeInTheWay() &&
    currentContext()?.mode !== 'native' &&
    !isBuiltinInTheWay()
  );
}

/**
 * Runs `fn` with suspension forbidden: nothing else can run before it returns.
 * @param reason - for the error of a call that insists on suspending, e.g. `require() is evaluating a module`
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

/** Runs `fn` as if it were not below a {@link withoutSuspension}: for a call that ends the process, or waits in so many words. */
export function allowingSuspension<T>(fn: () => T): T {
  const before = forbidden;
  forbidden = 0;
  try {
    return fn();
  } finally {
    forbidden = before;
  }
}

/**
 * True in code that V8 runs without letting microtasks run before it has returned, such as in `Runtime.evaluate` of an inspector's
 * session: parked there, it would keep them from running, and the hub from waking it.
 */
const areMicrotasksHeldBack = (): boolean => (core.microtaskScopes?.[0] ?? 0) > 0;

/** Tells why that is not known, or nothing. */
export const whyMicrotaskScopesAreUnknown = (): string =>
  core.microtaskScopes === undefined ? "V8's count of microtask scopes was not found by probing" : '';

/** A native callback scope that a parked task left open would keep Node from ever running a microtask again. */
export function isScopeInTheWay(): boolean {
  return !core.maySuspendInsideScopes && isInsideAsyncScope(currentCarrier());
}

/** Tells why nothing can be suspended in `context`. */
export function noPortalReason(context: Context | undefined): string {
  if (context?.mode === 'outside') return 'this code belongs to no task';
  if (core.binding === undefined && context !== undefined) return `backend: native, since ${core.whyNone}`;
  const refusal = carrierRefusal();
  if (refusal !== '') return `no carrier: ${refusal}`;
  if (forbidden > 0) return forbiddenBy;
  if (context?.mode === 'native') return 'native() is in force';
  if (context === undefined) return 'this code belongs to no task';
  if (isOnCarrier() && areMicrotasksHeldBack())
    return 'V8 runs no microtask before its call has returned, such as that for Runtime.evaluate of an inspector';
  if (isOnCarrier() && isScopeInTheWay()) {
    return "async scope: Node's callback-scope depth was not found, see aevent.info().features.callbackScopeDepth";
  }
  if (isOnCarrier() && isBuiltinInTheWay()) return (unnestable?.reasons ?? []).join('; ');
  if (core.shared[Shared.forAddon] === 1) {
    return (
      'an addon that keeps something for each thread has called this code, on the main stack since the backend is thread ' +
      '(AEVENT_BACKEND=fiber suspends here)'
    );
  }
  return 'plain event-loop callback';
}

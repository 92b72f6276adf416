// preemptible(): computing that lets the event loop turn, and ends when its scope does.
//
// A scope's end is a termination: V8 takes the frames off the stack, and no code of the program's runs on the way. So all
// that is undone by a `finally` block of aevent's or Node's in between is put back here, where the termination ends.
import { requireFunction } from '../base/errors.js';
import type { NativeBinding } from '../native/binding.js';
import { ownEntries } from '../suspension/async-hooks-stack.js';
import { type Context, currentContext, setStackContext, stackContext } from '../suspension/context.js';
import { core, currentCarrier } from '../suspension/native-core.js';
import { listenersHere, setListenersHere } from '../suspension/pieces.js';
import { currentBans, hasPortal, setBans } from '../suspension/portal.js';
import { requireStack } from '../suspension/stack-room.js';
import { openRuns, undoRuns } from '../suspension/storage-values.js';
import { checkedSliceMs, preemptOptions } from './options.js';
import { marks, startSlices } from './slices.js';

/** Options of {@link preemptible}. */
export interface PreemptibleOptions {
  /** Milliseconds that the function may keep the event loop; finite and >= 0. Default: that of `setup()`, else 5. */
  sliceMs: number;
}

/**
 * Calls `fn(...args)` now, and puts it aside whenever it has kept the event loop for a slice; it goes on when the loop has
 * turned. So anything inside is a checkpoint, between any two lines: what must not be interleaved belongs in `native()`.
 *
 * If an enclosing scope is cancelled, or its deadline passes, `fn` is ended where it is, **without running its `catch` and
 * `finally` blocks**, and `Cancelled` is thrown to the caller. A call of native code that takes long, such as one of `JSON.parse`, is
 * not ended before it returns.
 *
 * Where nothing can be suspended (outside of a task, with the backend `native`), it just calls `fn`.
 *
 * With options in place of arguments it gives a function that does all this at each call, and keeps `this`.
 * @throws what `fn` throws; {@link Cancelled}; TypeError `AEVENT_INVALID_ARGUMENT` for no function, `AEVENT_INVALID_OPTIONS` for a slice that
 *   is negative or not finite
 */
export function preemptible<F extends (...args: never[]) => unknown>(fn: F, options: PreemptibleOptions): F;
export function preemptible<A extends unknown[], T>(fn: (...args: A) => T, ...args: A): T;
export function preemptible(fn: (...args: unknown[]) => unknown, ...args: unknown[]): unknown {
  requireFunction('preemptible()', fn);
  const options = args.length === 1 ? args[0] : undefined;
  if (!isOptions(options)) return callSliced(fn, undefined, args, undefined);
  const sliceMs = checkedSliceMs('preemptible(fn, { sliceMs })', options.sliceMs);
  return function (this: unknown, ...given: unknown[]): unknown {
    return callSliced(fn, this, given, sliceMs);
  };
}

/** An object that has `sliceMs` and nothing else: whatever else it is, it is an argument of the function's. */
function isOptions(value: unknown): value is { sliceMs: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const keys = Reflect.ownKeys(value);
  return keys.length === 1 && keys[0] === 'sliceMs';
}

function callSliced(
  fn: (...args: unknown[]) => unknown,
  self: unknown,
  args: readonly unknown[],
  sliceMs: number | undefined,
): unknown {
  if (!hasPortal() || !startSlices()) return Reflect.apply(fn, self, args);
  requireStack();
  const { scope } = currentContext() as Context;
  scope.throwIfCancelled();
  const native = core.binding as NativeBinding;
  const carrier = currentCarrier();
  const outer = marks[carrier];
  const bans = currentBans();
  const context = stackContext(carrier);
  const continuation = native.getContext();
  const runs = openRuns(carrier);
  const listeners = listenersHere();
  marks[carrier] = { scope, forbidden: bans.forbidden, entries: ownEntries(carrier), outer };
  let value: unknown;
  try {
    value = native.callSliced(() => Reflect.apply(fn, self, args), sliceMs ?? preemptOptions().sliceMs);
  } finally {
    marks[carrier] = outer;
  }
  if (value !== native) return value;
  setBans(bans);
  undoRuns(carrier, runs);
  setListenersHere(listeners);
  setStackContext(carrier, context);
  native.setContext(continuation);
  scope.throwIfCancelled();
  throw scope.cancelledError();
}

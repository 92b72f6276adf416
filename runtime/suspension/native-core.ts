// The native addon that was started, and what it shares with JavaScript. Which stack runs is asked here; the stacks are
// switched in suspension.ts alone.

import { globals } from '../base/builtins.js';
import { type NativeBinding, Shared } from '../native/binding.js';

interface Core {
  /** Undefined until a backend that can switch stacks runs. */
  binding: NativeBinding | undefined;
  /** The numbers that the native addon shares, by {@link Shared}. */
  shared: Float64Array;
  /** True if microtasks run on carriers. */
  pumping: boolean;
  /** True if a suspension may leave native callback scopes open, since their depth is carried along. */
  maySuspendInsideScopes: boolean;
  /** How many of V8's microtask scopes are open, where that was found by probing. */
  microtaskScopes: Int32Array | undefined;
  /** Why no backend switches stacks, where none does although it was to be started. */
  whyNone: string;
}

/** Set by {@link startCore}. One object: the names that a bundled module exports are constants. */
export const core: Core = {
  binding: undefined,
  shared: new Float64Array(Object.keys(Shared).length),
  pumping: false,
  maySuspendInsideScopes: true,
  microtaskScopes: undefined,
  whyNone: '',
};

/**
 * Connects to a started native addon.
 * @param withPump - microtasks run on carriers
 * @param insideScopes - a suspension may leave native callback scopes open, since their depth is carried along
 */
export function startCore(
  native: NativeBinding,
  state: Float64Array,
  withPump: boolean,
  insideScopes: boolean,
): void {
  Object.assign(core, {
    binding: native,
    shared: state,
    pumping: withPump,
    maySuspendInsideScopes: insideScopes,
    microtaskScopes: native.openMicrotaskScopes(),
  } satisfies Partial<Core>);
}

/** True once a backend that can switch stacks runs. */
export function suspensionStarted(): boolean {
  return core.binding !== undefined;
}

/** The carrier that runs; 0 on the main stack. */
export function currentCarrier(): number {
  return core.shared[Shared.current] as number;
}

/** True in code that runs on a carrier; the main stack runs Node's own, and callbacks that nothing opted in. */
export function isOnCarrier(): boolean {
  return core.shared[Shared.current] !== 0;
}

/**
 * Runs `fn` on the main stack, and returns when it has ended: for native code that keeps something for each thread, as
 * it takes a carrier for one.
 */
export function callOnMain<T>(fn: () => T): T {
  const { binding } = core;
  return binding === undefined || currentCarrier() === 0 ? fn() : binding.callOnMain(fn);
}

/** Turns the event loop once below the code that runs, which is on the main stack; see {@link NativeBinding.turnLoop}. */
export function turnLoop(): boolean {
  return (core.binding as NativeBinding).turnLoop();
}

/** Runs `fn` in a microtask that async hooks do not see. To be called where a backend runs. */
export function inMicrotask(fn: () => void): void {
  (core.binding as NativeBinding).enqueueMicrotask(fn);
}

/** Calls `fn` in a tick after the microtasks that the running code has queued: its own ticks come before these. */
export function afterMicrotasks(fn: () => void): void {
  inMicrotask(() => globals.nextTick(fn));
}

/** Milliseconds since the event loop last turned. */
export function sinceLoopTurnMs(): number {
  return core.binding?.sinceLoopTurnMs() ?? 0;
}

/** The event loop's time in whole milliseconds, the same all through one turn of it. */
export function loopTimeMs(): number {
  return core.binding?.loopTimeMs() ?? 0;
}

/** Why what runs on the main stack is not on a carrier, as it should be; else empty. */
export function carrierRefusal(): string {
  if (core.shared[Shared.starved] === 0 || isOnCarrier()) return '';
  return core.binding?.refusal() ?? '';
}

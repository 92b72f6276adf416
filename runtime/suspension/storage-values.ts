// AsyncLocalStorage across a suspension, where Node keeps stores as properties of the current async resource: Node 20 and
// 22, and later ones with --no-async-context-frame. A strand shares that resource with its caller, who ends its own run()
// while the strand is parked, and who must not see the strand's. So each has its values of a resource:
//
//   als.run('a', emit) enters a strand            resource: a
//   the strand's run('b') parks                   b is kept for it, its run() is undone: a
//   emit() returns, run('a') ends                 undefined
//   the strand is resumed                         b; the undefined that was found is kept
//   the strand ends                               a, then undefined is put back
//
// A pump that was resumed ends in native code, so values below its own entries are left alone, which no microtask sees: each
// has an entry of its own. Only in one that began before the first storage was used does code run on the resource below.
// Guarded by test/runtime/suspension/storage-values.test.ts, which compares random programs with Node.

import type { AsyncLocalStorage } from 'node:async_hooks';
import { builtin, globals } from '../base/builtins.js';
import { usesAsyncContextFrame } from '../base/node-features.js';
import { each } from '../base/primordials.js';
import { replaceMethod } from '../base/replace-method.js';
import { currentCarrier } from './native-core.js';

type Storage = AsyncLocalStorage<unknown> & { readonly kResourceStore: symbol };
type Value = readonly [key: symbol, value: unknown];

/** The stores of one resource, as one strand sees them. */
interface View {
  readonly resource: object;
  readonly values: readonly Value[];
}

/** The values that a run() replaced. */
interface Run {
  readonly resource: object;
  readonly key: symbol;
  /** Undefined where the resource had no value at all. */
  readonly before: Value | undefined;
}

/** A parked strand's own views. */
export type SavedStores = readonly View[];

const { AsyncLocalStorage: Storages, executionAsyncResource } =
  builtin<typeof import('node:async_hooks')>('async_hooks');
const { apply } = Reflect;
const { getOwnPropertySymbols, is } = Object;

/** By carrier: the run()s on its stack, the outermost first. */
const runs: Run[][] = [];
/** By carrier, while a resumed strand runs: the views of its surroundings. */
const surroundings: (SavedStores | undefined)[] = [];
/** By carrier: whether its strand ends in JavaScript, with {@link leaveStores}. */
const endsHere: boolean[] = [];
let failure: string | undefined;

/** Tells why stores are not kept apart, or `on`. The first `run()` of a storage finds out. */
export function storageValuesState(): string {
  return failure || 'on';
}

/**
 * Replaces `run()` and `exit()` of AsyncLocalStorage by functions that a suspension can undo.
 * @param hasPortal - tells whether the running code may suspend
 */
export function followStorages(hasPortal: () => boolean): void {
  if (usesAsyncContextFrame) return;
  const { prototype } = Storages as unknown as { prototype: Storage };
  const { enterWith, exit, run } = prototype;
  // run() is replaced and not wrapped: that would add a frame to each stack trace, which has ten places.
  const ours = {
    run(
      this: Storage,
      store: unknown,
      callback: (...args: unknown[]) => unknown,
      ...args: unknown[]
    ): unknown {
      if (is(store, this.getStore())) return apply(callback, null, args);
      failure ??= whyUnknown(this, run);
      if (failure !== '') return apply(run, this, [store, callback, ...each(args)]);
      const resource = executionAsyncResource();
      const key = this.kResourceStore;
      const own = runsOf(currentCarrier());
      const depth = own.length;
      own[depth] = { resource, key, before: valueIn(resource, key) };
      apply(enterWith, this, [store]);
      try {
        return apply(callback, null, args);
      } finally {
        undo(own[depth] as Run);
        own.length = depth;
      }
    },
    // Node's switches the storage off for the whole process until it returns: a suspended task would take the store away
    // from all others, and have its own back as soon as one of them leaves.
    exit(this: Storage, callback: (...args: unknown[]) => unknown, ...args: unknown[]): unknown {
      const inTask = hasPortal();
      return inTask
        ? apply(ours.run, this, [undefined, callback, ...each(args)])
        : apply(exit, this, [callback, ...each(args)]);
    },
  };
  if (!replaceMethod(prototype, 'run', ours.run) || !replaceMethod(prototype, 'exit', ours.exit))
    failure = 'AsyncLocalStorage.prototype is frozen, so run() and exit() cannot be replaced';
}

/** How many run()s are open on a carrier's stack. */
export function openRuns(carrier: number): number {
  return runs[carrier]?.length ?? 0;
}

/** Ends the innermost run()s, whose functions were ended without it, until there are `count`. */
export function undoRuns(carrier: number, count: number): void {
  const own = runs[carrier];
  if (own === undefined) return;
  for (let i = own.length - 1; i >= count; i--) undo(own[i] as Run);
  if (own.length > count) own.length = count;
}

/** To be called where a strand begins that ends with {@link leaveStores}. */
export function beginStores(carrier: number): void {
  if (usesAsyncContextFrame) return;
  endsHere[carrier] = true;
  forgetSurroundings(carrier);
}

/** To be called where a strand parks for the first time: the last one of its carrier may have been a pump. */
export function forgetSurroundings(carrier: number): void {
  surroundings[carrier] = undefined;
}

/**
 * Takes the running strand's views, and leaves the resources to its surroundings.
 * @param resources - those on its part of the async-hooks stack; the lowest one is its caller's
 */
export function detachStores(carrier: number, resources: readonly object[]): SavedStores {
  const views: View[] = [];
  const own = runs[carrier] ?? [];
  for (let i = ownsLowest(carrier, own, resources) ? 0 : 1; i < resources.length; i++) {
    const resource = resources[i] as object;
    views[views.length] = { resource, values: valuesOf(resource) };
  }
  for (let i = own.length - 1; i >= 0; i--) undo(own[i] as Run);
  putBack(carrier, resources);
  return views;
}

/** True if the lowest resource has values of the strand, which it has to find again. */
function ownsLowest(carrier: number, own: readonly Run[], resources: readonly object[]): boolean {
  if (endsHere[carrier] || resources.length === 1) return true;
  const lowest = resources[0];
  for (let i = 0; i < own.length; i++) if ((own[i] as Run).resource === lowest) return true;
  return surroundings[carrier]?.[0]?.resource === lowest;
}

/** Puts in the views that {@link detachStores} took. */
export function attachStores(carrier: number, views: SavedStores): void {
  const before: View[] = [];
  for (let i = 0; i < views.length; i++) {
    const view = views[i] as View;
    before[i] = { resource: view.resource, values: valuesOf(view.resource) };
    put(view);
  }
  surroundings[carrier] = before;
}

/**
 * To be called where a strand ends.
 * @param failed - it throws: the error is reported on its stack, with its stores
 */
export function leaveStores(carrier: number, failed: boolean): void {
  if (usesAsyncContextFrame) return;
  endsHere[carrier] = false;
  const before = surroundings[carrier];
  if (before === undefined || before.length === 0) return;
  surroundings[carrier] = undefined;
  // A resource of its own entries, above the first, keeps what the strand left there, as in Node.
  const lowest = before[0] as View;
  if (failed) globals.queueMicrotask(() => put(lowest));
  else put(lowest);
}

function putBack(carrier: number, resources: readonly object[]): void {
  const before = surroundings[carrier];
  if (before === undefined) return;
  surroundings[carrier] = undefined;
  for (let i = before.length - 1; i >= 0; i--) {
    const view = before[i] as View;
    // One that is no longer on its part of the stack keeps what the strand left there, as in Node.
    for (let j = 0; j < resources.length; j++) {
      if (resources[j] !== view.resource) continue;
      put(view);
      break;
    }
  }
}

// Node 24 and later keep the stores of a resource in an object of their own, and take that away when it has been used.
let holderKey: symbol | undefined;

function holderOf(resource: object): object | undefined {
  if (holderKey === undefined) {
    const symbols = getOwnPropertySymbols(resource);
    for (let i = 0; i < symbols.length; i++) {
      if (symbols[i]?.description === 'kAsyncLocalStorageContext') holderKey = symbols[i];
    }
    if (holderKey === undefined) return undefined;
  }
  return (resource as Record<symbol, object | undefined>)[holderKey];
}

function valuesOf(resource: object): readonly Value[] {
  const holder = (holderOf(resource) ?? resource) as Record<symbol, unknown>;
  const values: Value[] = [];
  const symbols = getOwnPropertySymbols(holder);
  for (let i = 0; i < symbols.length; i++) {
    const key = symbols[i] as symbol;
    if (key.description === 'kResourceStore') values[values.length] = [key, holder[key]];
  }
  return values;
}

function valueIn(resource: object, key: symbol): Value | undefined {
  const holder = (holderOf(resource) ?? resource) as Record<symbol, unknown>;
  return key in holder ? [key, holder[key]] : undefined;
}

function runsOf(carrier: number): Run[] {
  runs[carrier] ??= [];
  return runs[carrier];
}

function undo({ resource, key, before }: Run): void {
  set(resource, key, before);
}

function put({ resource, values }: View): void {
  const now = valuesOf(resource);
  for (let i = 0; i < now.length; i++) {
    const key = (now[i] as Value)[0];
    set(resource, key, find(values, key));
  }
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as Value;
    set(resource, value[0], value);
  }
}

function find(values: readonly Value[], key: symbol): Value | undefined {
  for (let i = 0; i < values.length; i++) if ((values[i] as Value)[0] === key) return values[i];
  return undefined;
}

function set(resource: object, key: symbol, value: Value | undefined): void {
  let holder = holderOf(resource) as Record<symbol, unknown> | undefined;
  if (holderKey === undefined) (resource as Record<symbol, unknown>)[key] = value?.[1];
  else if (value !== undefined) {
    if (holder === undefined) {
      holder = Object.create(null) as Record<symbol, unknown>;
      (resource as Record<symbol, unknown>)[holderKey] = holder;
    }
    holder[key] = value[1];
  }
  // The absence of a value says that there is a default one.
  else if (holder !== undefined) delete holder[key];
}

function whyUnknown(storage: Storage, run: Storage['run']): string {
  const value = {};
  const seen = run.call(storage, value, () =>
    valuesOf(executionAsyncResource()).some((found) => found[1] === value),
  );
  return seen && typeof storage.kResourceStore === 'symbol'
    ? ''
    : 'AsyncLocalStorage does not keep its stores where aevent knows them';
}

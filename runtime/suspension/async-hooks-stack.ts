// Node's async-hooks stack across a suspension.
//
// Code inside `AsyncResource.runInAsyncScope`, a timer, a tick (and `als.run` on Node 20 and 22)
// has an entry on one stack of Node's, shared by all code. Left alone at a suspension, the next one to
// pop finds a foreign entry and Node ends the process ("async hook stack has become corrupted").
//
// So a strand takes its entries along. They are *relative* to where it was switched in: at a suspension
// the entries that it pushed since then are cut off; on resumption they are pushed again on top of those that are there.
// The entry that lay on top when the strand began (the timer that it was entered in, say) must still lie below its own, so
// it is pushed under them wherever another one lies on top.
//
//   entered in a timer:  [timer]│[run]      parked: [timer]│        resumed: [hub's]│[timer][run]
//                        base ──┘           base ──┘                base ──────────┘
//
// The arrays belong to the internal binding `async_wrap`. process.binding() had it until Node 22; the
// inspector can read the closure of a function that uses it on every version.

import { builtin } from '../base/builtins.js';
import { objectInClosure } from '../base/closure-variable.js';
import { usesAsyncContextFrame } from '../base/node-features.js';
import { push as append } from '../base/primordials.js';
import { symbolNamed } from '../base/symbol-named.js';
import { type NativeBinding, Shared } from '../native/binding.js';
import { attachStores, detachStores, forgetSurroundings, type SavedStores } from './storage-values.js';

interface AsyncWrap {
  async_hook_fields: Uint32Array;
  async_id_fields: Float64Array;
  async_ids_stack: Float64Array;
  execution_async_resources: object[];
  executionAsyncResource(index: number): object | undefined;
  pushAsyncContext(asyncId: number, triggerAsyncId: number, resource?: object): void;
  constants: { kInit: number; kStackLength: number; kExecutionAsyncId: number; kTriggerAsyncId: number };
}

interface Entry {
  /** The ids that were current *before* it was pushed: so Node keeps them. */
  executionId: number;
  triggerId: number;
  resource: object | undefined;
}

/** The entries that a strand began on top of. */
interface Beginning {
  resource: object | undefined;
  /** True while it lies on the stack as the strand's own first entry. */
  pushed: boolean;
}

const { executionAsyncId, executionAsyncResource } =
  builtin<typeof import('node:async_hooks')>('async_hooks');
let wrap: AsyncWrap | undefined;
let shared: Float64Array = new Float64Array(Object.keys(Shared).length);
let topLevel: object | undefined;
let kInit = 0;
let kLength = 0;
let kExecution = 0;
let kTrigger = 0;

/** By carrier; valid from a strand's first suspension to its end. */
const beginnings: (Beginning | undefined)[] = [];

/** The entries that a strand carries while it is parked. */
export interface SavedAsyncState {
  readonly beginning: Beginning;
  readonly entries: readonly Entry[];
  readonly executionId: number;
  readonly triggerId: number;
  readonly stores: SavedStores | undefined;
}

const noEntries: readonly Entry[] = [];

/**
 * Finds the arrays and tells the native addon of them.
 * @returns empty, or why it could not be done
 */
export function startAsyncState(binding: NativeBinding, sharedState: Float64Array): string {
  shared = sharedState;
  try {
    wrap = findAsyncWrap();
  } catch (error) {
    return `Node's async_wrap binding could not be reached: ${(error as Error).message}`;
  }
  const { constants } = wrap;
  const complete =
    wrap.async_hook_fields instanceof Uint32Array &&
    wrap.async_id_fields instanceof Float64Array &&
    wrap.async_ids_stack instanceof Float64Array &&
    Array.isArray(wrap.execution_async_resources) &&
    [
      constants?.kInit,
      constants?.kStackLength,
      constants?.kExecutionAsyncId,
      constants?.kTriggerAsyncId,
    ].every(Number.isInteger);
  if (!complete) {
    wrap = undefined;
    return "Node's async_wrap binding does not have the arrays that aevent knows";
  }
  kInit = constants.kInit;
  kLength = constants.kStackLength;
  kExecution = constants.kExecutionAsyncId;
  kTrigger = constants.kTriggerAsyncId;
  topLevel = findTopLevelResource(wrap);
  const { async_hook_fields: fields, async_id_fields: ids, execution_async_resources: resources } = wrap;
  binding.useAsyncHooks(fields, ids, resources, kLength, kExecution, kTrigger);
  return '';
}

/** True if the running strand has entries of its own on the stack: it may be inside a native callback scope. */
export function isInsideAsyncScope(carrier: number): boolean {
  return ownEntries(carrier) > 0;
}

/** How many entries of its own the running strand has on the stack. */
export function ownEntries(carrier: number): number {
  if (wrap === undefined) return 0;
  const pushed = shared[Shared.resumed] !== 0 && beginnings[carrier]?.pushed === true ? 1 : 0;
  return (wrap.async_hook_fields[kLength] as number) - (shared[Shared.baseLength] as number) - pushed;
}

/** Cuts off and returns the running strand's entries. Nearly always there are none. */
export function detachAsyncState(carrier: number): SavedAsyncState | undefined {
  if (wrap === undefined) return undefined;
  const base = shared[Shared.baseLength] as number;
  let beginning = shared[Shared.resumed] === 0 ? undefined : beginnings[carrier];
  if (beginning === undefined) {
    beginning = { resource: base === 0 ? topLevel : resourceAt(base - 1), pushed: false };
    beginnings[carrier] = beginning;
    forgetSurroundings(carrier);
  }
  const stores = hasStores(wrap)
    ? detachStores(carrier, resourcesFrom(wrap, beginning.pushed ? base : base - 1))
    : undefined;
  const saved = {
    beginning,
    entries: takeEntries(wrap, base + (beginning.pushed ? 1 : 0)),
    executionId: wrap.async_id_fields[kExecution] as number,
    triggerId: wrap.async_id_fields[kTrigger] as number,
    stores,
  };
  cutTo(wrap, base);
  wrap.async_id_fields[kExecution] = shared[Shared.baseExecution] as number;
  wrap.async_id_fields[kTrigger] = shared[Shared.baseTrigger] as number;
  return saved;
}

/** Puts the entries that {@link detachAsyncState} took back, on top of those that are there now. */
export function attachAsyncState(carrier: number, saved: SavedAsyncState | undefined): void {
  if (wrap === undefined || saved === undefined) return;
  const { beginning, entries } = saved;
  const length = wrap.async_hook_fields[kLength] as number;
  beginning.pushed = (length === 0 ? topLevel : resourceAt(length - 1)) !== beginning.resource;
  if (beginning.pushed) push(wrap, beginning.resource);
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as Entry;
    // The lowest lies on an entry that is there now; the others on their own neighbours.
    if (i > 0 || beginning.pushed) {
      wrap.async_id_fields[kExecution] = entry.executionId;
      wrap.async_id_fields[kTrigger] = entry.triggerId;
    }
    push(wrap, entry.resource);
  }
  wrap.async_id_fields[kExecution] = saved.executionId;
  wrap.async_id_fields[kTrigger] = saved.triggerId;
  if (saved.stores !== undefined) attachStores(carrier, saved.stores);
}

// An AsyncLocalStorage that spreads its stores by hooks has one for `init`.
function hasStores(from: AsyncWrap): boolean {
  return !usesAsyncContextFrame && (from.async_hook_fields[kInit] as number) > 0;
}

/** The value of executionAsyncResource() for each entry from `index` on; -1 stands for the empty stack. */
function resourcesFrom(from: AsyncWrap, index: number): object[] {
  const length = from.async_hook_fields[kLength] as number;
  const found: object[] = [];
  try {
    for (let i = index; i < length; i++) {
      from.async_hook_fields[kLength] = i + 1;
      found[found.length] = executionAsyncResource();
    }
  } finally {
    from.async_hook_fields[kLength] = length;
  }
  return found;
}

function takeEntries(from: AsyncWrap, start: number): readonly Entry[] {
  const length = from.async_hook_fields[kLength] as number;
  if (length <= start) return noEntries;
  const stack = from.async_ids_stack;
  const entries: Entry[] = [];
  for (let i = start; i < length; i++) {
    append(entries, {
      executionId: stack[2 * i] as number,
      triggerId: stack[2 * i + 1] as number,
      resource: resourceAt(i),
    });
  }
  return entries;
}

function push(to: AsyncWrap, resource: object | undefined): void {
  const length = to.async_hook_fields[kLength] as number;
  if (length * 2 + 1 >= to.async_ids_stack.length) {
    // The native push grows the array (and replaces it); it has to be given a resource.
    to.pushAsyncContext(
      to.async_id_fields[kExecution] as number,
      to.async_id_fields[kTrigger] as number,
      resource ?? {},
    );
    return;
  }
  to.async_ids_stack[2 * length] = to.async_id_fields[kExecution] as number;
  to.async_ids_stack[2 * length + 1] = to.async_id_fields[kTrigger] as number;
  if (resource !== undefined) to.execution_async_resources[length] = resource;
  to.async_hook_fields[kLength] = length + 1;
}

function cutTo(to: AsyncWrap, length: number): void {
  to.async_hook_fields[kLength] = length;
  if (to.execution_async_resources.length > length) to.execution_async_resources.length = length;
}

// Resources pushed by C++ are kept by C++; JavaScript sees them through the binding.
function resourceAt(index: number): object | undefined {
  return wrap?.execution_async_resources[index] ?? publicResource(wrap?.executionAsyncResource(index));
}

let publicKey: symbol | undefined;

// The parser of an http message names another object, which has the stores, and names it no longer when it is free
// again: that may be while a listener of the message is suspended.
function publicResource(resource: object | undefined): object | undefined {
  if (resource === undefined) return undefined;
  publicKey ??= symbolNamed(resource, 'resource_symbol');
  if (publicKey === undefined) return resource;
  return (resource as Record<symbol, object | undefined>)[publicKey] ?? resource;
}

// The value of executionAsyncResource() where the stack is empty.
function findTopLevelResource(from: AsyncWrap): object {
  const length = from.async_hook_fields[kLength] as number;
  from.async_hook_fields[kLength] = 0;
  try {
    return executionAsyncResource();
  } finally {
    from.async_hook_fields[kLength] = length;
  }
}

function findAsyncWrap(): AsyncWrap {
  const found = objectInClosure(executionAsyncId, 'async_wrap');
  if (found === undefined) throw new Error('no closure of executionAsyncId() holds it');
  return found as AsyncWrap;
}

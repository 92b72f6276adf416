// Node's async-hooks stack across a suspension.
//
// What runs inside `AsyncResource.runInAsyncScope`, a timer, a tick (and `als.run` on Node 20 and 22)
// has an entry on one stack of Node's, shared by everybody. Left alone at a suspension, the next one to
// pop finds a foreign entry and Node ends the process ("async hook stack has become corrupted").
//
// So a strand takes its entries along. They are *relative* to where it was switched in: at a suspension
// what it pushed since then is cut off; on resumption it is pushed again on top of what is there now.
// A strand that was entered below somebody else's entries (a callback in a timer) carries the topmost of
// those too, the one it began under, since afterwards it is resumed from the hub, with nothing below it.
//
//   entered in a timer:  [timer]│[run]      parked: [timer]│        resumed: │[timer][run]
//                        base ──┘           base ──┘            hub's base ──┘
//
// The arrays belong to the internal binding `async_wrap`. process.binding() had it until Node 22; the
// inspector can read the closure of a function that uses it on every version.
import { builtin } from './builtins.js';
import { type NativeBinding, Shared } from './native/binding.js';

interface AsyncWrap {
  async_hook_fields: Uint32Array;
  async_id_fields: Float64Array;
  async_ids_stack: Float64Array;
  execution_async_resources: object[];
  executionAsyncResource(index: number): object | undefined;
  pushAsyncContext(asyncId: number, triggerAsyncId: number, resource?: object): void;
  constants: { kStackLength: number; kExecutionAsyncId: number; kTriggerAsyncId: number };
}

interface Entry {
  executionId: number;
  triggerId: number;
  resource: object | undefined;
}

let wrap: AsyncWrap | undefined;
let shared: Float64Array = new Float64Array(Object.keys(Shared).length);
let kLength = 0;
let kExecution = 0;
let kTrigger = 0;

/** Entries that a strand carries while it is parked. */
export interface SavedAsyncState {
  entries: Entry[] | undefined;
  executionId: number;
  triggerId: number;
}

/**
 * Finds the arrays and tells the native core of them.
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
    [constants?.kStackLength, constants?.kExecutionAsyncId, constants?.kTriggerAsyncId].every(
      Number.isInteger,
    );
  if (!complete) {
    wrap = undefined;
    return "Node's async_wrap binding does not have the arrays that aevent knows";
  }
  kLength = constants.kStackLength;
  kExecution = constants.kExecutionAsyncId;
  kTrigger = constants.kTriggerAsyncId;
  binding.useAsyncHooks(wrap.async_hook_fields, wrap.async_id_fields, kLength, kExecution, kTrigger);
  return '';
}

/** Cuts off and returns what the running strand has on the stack. Nearly always that is nothing. */
export function detachAsyncState(): SavedAsyncState | undefined {
  if (wrap === undefined) return undefined;
  const length = wrap.async_hook_fields[kLength] as number;
  const base = shared[Shared.baseLength] as number;
  const executionId = wrap.async_id_fields[kExecution] as number;
  const triggerId = wrap.async_id_fields[kTrigger] as number;
  let entries: Entry[] | undefined;
  if (length > base || base > 0) {
    // An entry of the ids stack holds the ids that were current *before* it was pushed.
    const stack = wrap.async_ids_stack;
    entries = [];
    if (base > 0 && shared[Shared.isPump] === 0) {
      entries.push({ executionId: 0, triggerId: 0, resource: resourceAt(base - 1) });
    }
    for (let i = base; i < length; i++) {
      entries.push({
        executionId: stack[2 * i] as number,
        triggerId: stack[2 * i + 1] as number,
        resource: resourceAt(i),
      });
    }
    cutTo(base);
  }
  wrap.async_id_fields[kExecution] = shared[Shared.baseExecution] as number;
  wrap.async_id_fields[kTrigger] = shared[Shared.baseTrigger] as number;
  return { entries, executionId, triggerId };
}

/** Puts back, on top of what is there now, what {@link detachAsyncState} took. */
export function attachAsyncState(saved: SavedAsyncState | undefined): void {
  if (wrap === undefined || saved === undefined) return;
  const { entries } = saved;
  if (entries !== undefined) {
    for (const [i, entry] of entries.entries()) {
      // The first one lies on whatever is there now; the others on their own neighbours.
      if (i > 0) {
        wrap.async_id_fields[kExecution] = entry.executionId;
        wrap.async_id_fields[kTrigger] = entry.triggerId;
      }
      push(wrap, entry.resource);
    }
  }
  wrap.async_id_fields[kExecution] = saved.executionId;
  wrap.async_id_fields[kTrigger] = saved.triggerId;
}

/** Drops what the running strand still has on the stack; at its end, if it was ever parked. */
export function dropAsyncState(): void {
  if (wrap === undefined) return;
  cutTo(shared[Shared.baseLength] as number);
  wrap.async_id_fields[kExecution] = shared[Shared.baseExecution] as number;
  wrap.async_id_fields[kTrigger] = shared[Shared.baseTrigger] as number;
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

function cutTo(length: number): void {
  if (wrap === undefined) return;
  wrap.async_hook_fields[kLength] = length;
  if (wrap.execution_async_resources.length > length) wrap.execution_async_resources.length = length;
}

// Resources pushed by C++ are kept by C++; JavaScript sees them through the binding.
function resourceAt(index: number): object | undefined {
  return wrap?.execution_async_resources[index] ?? wrap?.executionAsyncResource(index);
}

function findAsyncWrap(): AsyncWrap {
  const { executionAsyncId } = builtin<typeof import('node:async_hooks')>('async_hooks');
  const { Session } = builtin<typeof import('node:inspector')>('inspector');
  const session = new Session();
  session.connect();
  const key = `aevent.async_wrap.${process.hrtime.bigint()}`;
  const handover = globalThis as Record<string, unknown>;
  handover[key] = executionAsyncId;
  try {
    const fn = post(session, 'Runtime.evaluate', { expression: `globalThis[${JSON.stringify(key)}]` }).result;
    const scopes = post(session, 'Runtime.getProperties', { objectId: fn.objectId }).internalProperties.find(
      (property: { name: string }) => property.name === '[[Scopes]]',
    );
    for (const scope of ownProperties(session, scopes.value.objectId)) {
      if (scope.value?.objectId === undefined) continue;
      const found = ownProperties(session, scope.value.objectId).find(({ name }) => name === 'async_wrap');
      if (found?.value?.objectId === undefined) continue;
      post(session, 'Runtime.callFunctionOn', {
        objectId: found.value.objectId,
        functionDeclaration: `function () { globalThis[${JSON.stringify(key)}] = this; }`,
      });
      return handover[key] as AsyncWrap;
    }
    throw new Error('no closure of executionAsyncId() holds it');
  } finally {
    delete handover[key];
    session.disconnect();
  }
}

interface RemoteProperty {
  name: string;
  value?: { objectId?: string };
}

function ownProperties(session: import('node:inspector').Session, objectId: string): RemoteProperty[] {
  return post(session, 'Runtime.getProperties', { objectId, ownProperties: true }).result;
}

// In the same thread the answer comes before post() returns.
// biome-ignore lint/suspicious/noExplicitAny: the protocol's answers have a shape for each method
function post(session: import('node:inspector').Session, method: string, params: object): any {
  let answer: unknown;
  let failure: Error | null = null;
  session.post(method, params, (error, result) => {
    failure = error;
    answer = result;
  });
  if (failure !== null) throw failure as Error;
  if (answer === undefined) throw new Error(`the inspector did not answer ${method}`);
  return answer;
}

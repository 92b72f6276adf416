// The owner of a request, as a number: a transaction belongs to the task that has begun it.
import { builtin, globals } from '../base/builtins.js';
import { currentContext } from '../suspension/context.js';

const { setFlagsFromString } = builtin<typeof import('node:v8')>('v8');
const { runInNewContext } = builtin<typeof import('node:vm')>('vm');
const process = builtin<typeof import('node:process')>('process');
const { on } = builtin<typeof import('node:events')>('events').EventEmitter.prototype;

/** A task, or a callback. */
export interface Owner {
  ownerId: number;
}

const outside: Owner = { ownerId: 0 };
/** Of those that have, or had, a connection for themselves: others are not looked for, and to note them takes microseconds. */
const byId = new Map<number, WeakRef<object>>();
let lastId = 0;
const gone = new FinalizationRegistry<number>((id) => {
  byId.delete(id);
  lookMs = FIRST_LOOK_MS;
  tell(id);
});
const listeners = new Set<(owner: number) => void>();
const tell = (owner: number): void => listeners.forEach((hear) => void hear(owner));
let looksAtEnd = false;

/** Once the event loop has run dry no owner goes on by itself: another one may, such as a listener that ends what an earlier one began. */
function lookAtEnd(): void {
  if (looksAtEnd) return;
  looksAtEnd = true;
  on.call(process, 'beforeExit', () => byId.forEach((_, id) => void tell(id)));
}

/** The task, or the callback, that runs; one object for all code outside of them. */
export function currentBorrower(): Owner {
  const context = currentContext();
  return context?.entry ?? context?.task ?? outside;
}

/** The owner of a transaction: a piece of code, and the callbacks that it has registered meanwhile. */
interface Flow {
  readonly owner: number;
  /** In how many connections. */
  open: number;
}

const flows = new Map<number, Flow>();

/** The number of the task, or of the callback, that runs; of all code outside of them. A callback goes on with a transaction. */
export function currentOwnerId(): number {
  const flow = currentContext()?.flow as Flow | undefined;
  if (flow !== undefined && flow.open > 0) return flow.owner;
  const owner = currentBorrower();
  if (owner.ownerId === 0) owner.ownerId = ++lastId;
  return owner.ownerId;
}

/** Has {@link ownerOf} know `owner`, and {@link onOwnerGone} tell its end: it has a connection for itself. */
export function noteOwner(owner: Owner): void {
  if (owner === outside || byId.has(owner.ownerId)) return;
  lookAtEnd();
  byId.set(owner.ownerId, new WeakRef(owner));
  gone.register(owner, owner.ownerId);
}

/** An owner has begun a transaction: what the running code registers from now on goes on with it. */
export function transactionBegun(owner: number): void {
  const flow = flows.get(owner) ?? { owner, open: 0 };
  flows.set(owner, flow);
  flow.open++;
  const context = currentContext();
  if (context !== undefined) context.flow = flow;
}

/** An owner has ended a transaction. */
export function transactionEnded(owner: number): void {
  const flow = flows.get(owner);
  if (flow !== undefined && --flow.open <= 0) flows.delete(owner);
}

/** The task or callback of {@link noteOwner}, unless it has ended and was collected; undefined for code outside of them. */
export function ownerOf(id: number): object | undefined {
  return byId.get(id)?.deref();
}

/** Calls `hear` when an owner was collected, or cannot go on, until what this returns is called. */
export function onOwnerGone(hear: (owner: number) => void): () => void {
  listeners.add(hear);
  return () => void listeners.delete(hear);
}

/** Milliseconds until a callback that left a transaction open is looked for; each further time takes ten times as long. */
const FIRST_LOOK_MS = 1000;
let lookMs = FIRST_LOOK_MS;
let isLooking = false;

/**
 * Has V8 find out, after a while, which callbacks cannot go on any more: nothing else tells that one is over which has begun a
 * transaction, and others wait for its end. See {@link onOwnerGone}.
 */
export function lookForGoneOwners(): void {
  if (isLooking) return;
  isLooking = true;
  const timer = globals.setTimeout(() => {
    isLooking = false;
    lookMs *= 10;
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
  }, lookMs);
  // The first time the process stays for it; after that it is a deadlock like any other.
  if (lookMs > FIRST_LOOK_MS) timer.unref();
}

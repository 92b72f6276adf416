// The owner of a request, as a number: a transaction belongs to the task that has begun it.
import { builtin } from '../base/builtins.js';
import { currentContext } from '../suspension/context.js';
import { Task } from '../tasks/task.js';

const process = builtin<typeof import('node:process')>('process');
const { on } = builtin<typeof import('node:events')>('events').EventEmitter.prototype;

/** A task, or a callback. */
export interface Owner {
  ownerId: number;
}

const outside: Owner = { ownerId: 0 };
/** By the number of a task that has a connection for itself, or had it when it ended: others are not looked for. */
const tasks = new Map<number, Task>();
let lastId = 0;

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

/** Has {@link taskOf} know `owner`, if it is a task: it has a connection for itself. */
export function noteOwner(owner: Owner): void {
  const { ownerId } = owner;
  if (!(owner instanceof Task) || tasks.has(ownerId) || !Task.live.has(owner)) return;
  tasks.set(ownerId, owner);
  owner.onEnd(() => {
    if (!flows.has(ownerId)) tasks.delete(ownerId);
  });
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
  if (flow === undefined || --flow.open > 0) return;
  flows.delete(owner);
  if (!isLive(owner)) tasks.delete(owner);
}

const isLive = (owner: number): boolean => {
  const task = tasks.get(owner);
  return task !== undefined && Task.live.has(task);
};

/** The task of {@link noteOwner}, which may have ended; undefined for a callback and for code outside of them. */
export const taskOf = (id: number): Task | undefined => tasks.get(id);

const hearers = new Set<() => void>();
let listens = false;

/**
 * Calls `hear` when the event loop has run dry, until what this returns is called: no owner goes on by itself then. Another one may, such
 * as a listener that ends what an earlier one began.
 */
export function onLoopDry(hear: () => void): () => void {
  if (!listens) on.call(process, 'beforeExit', () => hearers.forEach((one) => void one()));
  listens = true;
  hearers.add(hear);
  return () => void hearers.delete(hear);
}

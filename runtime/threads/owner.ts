// Whose a request is, as a number: a transaction belongs to the task that has begun it.
import { currentContext } from '../suspension/context.js';

const outside = {};
const ids = new WeakMap<object, number>();
const byId = new Map<number, WeakRef<object>>();
let lastId = 0;
const gone = new FinalizationRegistry<number>((id) => {
  byId.delete(id);
  for (const hear of listeners) hear(id);
});
const listeners = new Set<(owner: number) => void>();

/** The task, or the callback, that runs; one object for all code outside of them. */
export function currentBorrower(): object {
  const context = currentContext();
  return context?.entry ?? context?.task ?? outside;
}

/** The number of the task, or of the callback, that runs; of all code outside of them. */
export function currentOwnerId(): number {
  const owner = currentBorrower();
  let id = ids.get(owner);
  if (id === undefined) {
    id = ++lastId;
    ids.set(owner, id);
    if (owner !== outside) {
      byId.set(id, new WeakRef(owner));
      gone.register(owner, id);
    }
  }
  return id;
}

/** The task or callback, unless it has ended and was collected; undefined for code outside of them. */
export function ownerOf(id: number): object | undefined {
  return byId.get(id)?.deref();
}

/** Calls `hear` when an owner was collected, until what this returns is called. */
export function onOwnerGone(hear: (owner: number) => void): () => void {
  listeners.add(hear);
  return () => void listeners.delete(hear);
}

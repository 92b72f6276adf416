// Node's queue of ticks, found in a closure. Where a callback ends, Node runs ticks before microtasks. Where the callback was suspended, the
// hub goes on with it in the midst of the microtasks: it lets Node run the ticks first that the callback has left, if it is told of any.
// Guarded by test/monkey/after-a-call.test.ts.
import { globals } from '../base/builtins.js';
import { objectsInClosure } from '../base/closure-variable.js';
import { call } from '../base/primordials.js';
import { Shared } from '../native/binding.js';
import { core } from './native-core.js';

interface Queue {
  isEmpty(): boolean;
  push(value: object): void;
  shift(): unknown;
}

let internals: unknown[] | undefined;

/** Of Node's module for ticks, microtasks and rejections: its function that listens for rejections, and its queue of ticks. */
export function ofTaskQueues(): unknown[] {
  internals ??= objectsInClosure(globals.queueMicrotask, ['listenForRejections', 'queue']);
  return internals;
}

let queue: Queue | undefined;
let isEmpty: Queue['isEmpty'];

/** @returns empty, or why the queue is not known */
export function startTickQueue(): string {
  const found = ofTaskQueues()[1] as Partial<Queue> | undefined;
  if (typeof found?.isEmpty !== 'function' || !isQueue(found.constructor as new () => Queue))
    return 'no closure holds it';
  globals.nextTick(() => {});
  if (found.isEmpty()) return 'a tick was asked for, and it has none';
  queue = found as Queue;
  isEmpty = found.isEmpty;
  return '';
}

function isQueue(Made: new () => Queue): boolean {
  const made = new Made();
  const wasEmpty = made.isEmpty();
  const value = {};
  made.push(value);
  return wasEmpty && !made.isEmpty() && made.shift() === value && made.isEmpty();
}

/** To be called where the running code, which has been suspended before, ends or is put aside again. */
export function tellTicksLeft(): void {
  if (queue !== undefined && !call(isEmpty, queue)) core.shared[Shared.ticksLeft] = 1;
}

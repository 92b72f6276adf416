// Replaces global functions: the timers, `queueMicrotask`, `process.nextTick`, `Atomics.wait`, and the methods of `EventTarget`.
import { builtin } from '../../runtime/base/builtins.js';
import { features } from '../../runtime/base/features.js';
import { onContext } from '../../runtime/hazards/vm-realms.js';
import { inTaskBeforeTurn } from '../../runtime/suspension/in-task.js';
import { targetListenersInTasks } from '../kit/event-target-listeners.js';
import { wait, waitOf } from './atomics.js';
import { process, real as realProcess } from './process/process.js';
import { callingBack, setImmediate, setInterval, setTimeout } from './timers/functions.js';

const timers = builtin<typeof import('node:timers')>('timers');

/** A property of a global object that is replaced, and how. */
class ReplacedProperty {
  readonly #holder: object;
  readonly #key: string;
  readonly #name: string;
  readonly #replace: (current: never) => unknown;
  #placed: { readonly before: PropertyDescriptor; readonly was: unknown; readonly is: unknown } | undefined;

  constructor(holder: object, key: string, replace: (current: never) => unknown, name = key) {
    this.#holder = holder;
    this.#key = key;
    this.#name = name;
    this.#replace = replace;
  }

  install(): void {
    const before = Object.getOwnPropertyDescriptor(this.#holder, this.#key);
    if (this.#placed !== undefined || before === undefined) return;
    const was: unknown = Reflect.get(this.#holder, this.#key);
    const is = this.#replace(was as never);
    if (this.#place(before, is)) this.#placed = { before, was, is };
    else features[this.#name] = 'off: its object is frozen, so it is what the program has';
  }

  restore(): void {
    if (this.#placed === undefined || Reflect.get(this.#holder, this.#key) !== this.#placed.is) return;
    this.#place(this.#placed.before, this.#placed.was);
    this.#placed = undefined;
  }

  /** Keeps the kind of property: Node's global `process` is a getter with a setter. */
  #place(before: PropertyDescriptor, value: unknown): boolean {
    if (before.configurable === false) return false;
    if (before.set !== undefined) return Reflect.set(this.#holder, this.#key, value);
    return Reflect.defineProperty(this.#holder, this.#key, { ...before, value });
  }
}

// A function that other code has put in Node's place is wrapped as it is.
const replaced = [
  new ReplacedProperty(globalThis, 'setTimeout', over(timers.setTimeout, setTimeout)),
  new ReplacedProperty(globalThis, 'setInterval', over(timers.setInterval, setInterval)),
  new ReplacedProperty(globalThis, 'setImmediate', over(timers.setImmediate, setImmediate)),
  new ReplacedProperty(globalThis, 'queueMicrotask', (current) => callingBack(current, inTaskBeforeTurn)),
  new ReplacedProperty(globalThis, 'process', (current) => (current === realProcess ? process : current)),
  new ReplacedProperty(Atomics, 'wait', () => wait, 'Atomics.wait'),
  targetMethod('addEventListener'),
  targetMethod('removeEventListener'),
];

/** Listeners of a signal, a WebSocket and the like are tasks. */
function targetMethod(name: 'addEventListener' | 'removeEventListener'): ReplacedProperty {
  const { prototype } = EventTarget;
  const replace = (): unknown => targetListenersInTasks(prototype, [])[name]?.value;
  return new ReplacedProperty(prototype, name, replace, `EventTarget.prototype.${name}`);
}

function over<F extends (...args: never[]) => unknown>(original: F, ours: F): (current: F) => F {
  return (current) => (current === original ? ours : callingBack(current));
}

/** Replaces the global timers, `queueMicrotask`, `process` (for its `nextTick`) and `Atomics.wait`. Idempotent. */
export function installGlobals(): void {
  for (const property of replaced) property.install();
  if (!watchesContexts) onContext(replaceAtomics);
  watchesContexts = true;
}

let watchesContexts = false;

/** A `vm` context has an `Atomics` of its own. Its timers are those that the program gives it. */
function replaceAtomics(evaluate: (source: string) => unknown): void {
  const theirs = evaluate("typeof Atomics === 'object' ? Atomics : undefined") as typeof Atomics | undefined;
  if (typeof theirs?.wait !== 'function' || theirs.wait === Atomics.wait) return;
  const ours = Object.setPrototypeOf(waitOf(theirs), Object.getPrototypeOf(theirs.wait) as object);
  Reflect.defineProperty(theirs, 'wait', { value: ours, writable: true, configurable: true }); // not where it is frozen
}

/** Undoes {@link installGlobals}; what other code has replaced since stays. */
export function restoreGlobals(): void {
  for (const property of replaced) property.restore();
}

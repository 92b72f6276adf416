// The async context of a piece of work: whether it opted in, and which scope and task it belongs to.
// It follows promises as AsyncLocalStorage does; callbacks carry it through inTask().
import { builtin } from '../base/builtins.js';
import { clearsAfterCaptureOnly, usesAsyncContextFrame } from '../base/node-features.js';
import type { NativeBinding } from '../native/binding.js';
import { loadNative } from '../native/load.js';
import { frameMaker } from './context-frame.js';
import { currentCarrier } from './native-core.js';
import type { Scope, TaskInfo } from './scope.js';

/**
 * Which of a patched function's two sides a context chooses. `outside`: no code opted in, the context is there for its
 * scope.
 */
export type Mode = 'patched' | 'native' | 'outside';

/** Immutable; a change is a new context. */
export class Context {
  readonly scope: Scope;
  readonly task: TaskInfo | undefined;
  readonly mode: Mode;
  /**
   * Identifies one callback or perTask() section among those that share a task, or have none: the context that it was
   * entered with. Undefined in the task itself.
   */
  readonly entry: Context | undefined;
  /** Handed on to the callbacks that are registered here: the owner of a transaction (threads/owner.ts). */
  flow: unknown;
  /** The number of an {@link entry} as a caller of other threads; 0: it has none. */
  ownerId = 0;

  constructor(
    scope: Scope,
    task: TaskInfo | undefined,
    mode: Mode,
    entry: Context | 'itself' | undefined = undefined,
    flow: unknown = undefined,
  ) {
    this.scope = scope;
    this.task = task;
    this.mode = mode;
    this.entry = entry === 'itself' ? this : entry;
    this.flow = flow;
  }

  withMode(mode: Mode): Context {
    return mode === this.mode ? this : new Context(this.scope, this.task, mode, this.entry, this.flow);
  }

  withScope(scope: Scope): Context {
    return new Context(scope, this.task, this.mode, this.entry, this.flow);
  }

  /** The same for one more piece of work, see {@link entry}. */
  entered(): Context {
    return new Context(this.scope, this.task, this.mode, 'itself', this.flow);
  }
}

interface Storage {
  get(): unknown;
  set(value: unknown): void;
  /** V8's continuation data in a strand that begins in `context`. */
  continuation(context: Context): unknown;
  /** Runs aevent's own `start` in `context`; it sets no store of its own. */
  starting<T>(context: Context, start: () => T): T;
  /** Why the frames of contexts are made by Node, and slowly; empty if they aren't, undefined where there are none. */
  readonly framesFailure: string | undefined;
}

let storage: Storage | undefined;
let fallback: Context | undefined;
/** By carrier: what holds for the synchronous call chain on its stack, see {@link runOnStack}. */
const contexts: (Context | undefined)[] = [];

/**
 * Chooses where the context is kept; once. `binding` is undefined where no native addon is loaded.
 */
export function startContext(binding: NativeBinding | undefined): void {
  if (storage !== undefined) return;
  if (binding !== undefined && !usesAsyncContextFrame) {
    storage = {
      get: binding.getContext,
      set: binding.setContext,
      continuation: (context) => context,
      starting: runInContext,
      framesFailure: undefined,
    };
    return;
  }
  const { AsyncLocalStorage } = builtin<typeof import('node:async_hooks')>('async_hooks');
  const local = new AsyncLocalStorage<unknown>();
  const frames = binding && frameMaker(local, binding);
  storage = {
    get: () => local.getStore(),
    set: (value) => local.enterWith(value),
    continuation: frames?.make ?? (() => undefined),
    starting: frames?.failure === '' ? frames.run : runInContext,
    framesFailure: frames?.failure,
  };
}

/** See {@link Storage.framesFailure}. */
export function contextFramesFailure(): string | undefined {
  return storage?.framesFailure;
}

/** The context that the running code belongs to; undefined where nothing opted in. */
export function currentContext(): Context | undefined {
  const found = storage?.get();
  const below = contexts[currentCarrier()];
  if (!(found instanceof Context)) return below ?? fallback;
  // Until native() returns nothing may interleave, in whatever async context a part of it is run.
  return below?.mode === 'native' ? found.withMode('native') : found;
}

/**
 * Runs `fn` in `context`, which also holds for the whole synchronous call chain below it: a library may run its part of
 * that in an async context of its own (an AsyncResource that was made elsewhere), which must not take the portal away.
 */
export function runOnStack<T>(context: Context, fn: () => T): T {
  const carrier = currentCarrier();
  if (carrier === 0) return runInContext(context, fn);
  const before = contexts[carrier];
  contexts[carrier] = context;
  try {
    // Usually the microtask that runs here has captured it already.
    return storage?.get() === context ? fn() : runInContext(context, fn);
  } finally {
    contexts[carrier] = before;
  }
}

/** Gives the context of the synchronous call chain on a carrier, see {@link runOnStack}; {@link setStackContext} puts it back. */
export function stackContext(carrier: number): Context | undefined {
  return contexts[carrier];
}
export function setStackContext(carrier: number, context: Context | undefined): void {
  contexts[carrier] = context;
}

/** The continuation data for a strand that begins in `context`. The native addon puts back the old one at its end. */
export function strandContinuation(context: Context): unknown {
  return storage?.continuation(context);
}

/** To be called where a strand begins in `context`, which then holds as in {@link runOnStack}. */
export function beginStrandContext(context: Context): void {
  contexts[currentCarrier()] = context;
}

/** To be called where the strand ends. */
export function endStrandContext(): void {
  contexts[currentCarrier()] = undefined;
}

/** Replaces the context of the running code, until its function or microtask ends. */
export function enterContext(context: Context | undefined): void {
  storage?.set(context);
  const carrier = currentCarrier();
  // The context that it stands in for is restored where it ends.
  if (contexts[carrier] !== undefined) contexts[carrier] = context;
}

/**
 * True if what is entered now could be seen by microtasks that are queued already: V8 11.3 (Node 20) leaves the slot
 * alone before a microtask that captured `undefined`, as those do that began before the first task.
 */
export function leaksIntoQueue(): boolean {
  return clearsAfterCaptureOnly && storage?.get() === undefined;
}

/** Runs `fn` in `context`; what it starts inherits it. */
export function runInContext<T>(context: Context | undefined, fn: () => T): T {
  if (storage === undefined) return fn();
  const before = storage.get();
  storage.set(context);
  try {
    return fn();
  } finally {
    storage.set(before);
  }
}

/** As {@link runInContext}, for code of aevent's that sets no store of its own, nor has the program do so. */
export function startInContext<T>(context: Context, start: () => T): T {
  return storage === undefined ? start() : storage.starting(context, start);
}

/** Opts the whole program in: code that belongs to no other context belongs to this one. */
export function setFallbackContext(context: Context | undefined): void {
  fallback = context;
}

const process = builtin<typeof import('node:process')>('process');

/**
 * Chooses where contexts are stored, unless a task already did. Where the native addon can't be loaded that is an
 * AsyncLocalStorage.
 */
export function ensureContext(): void {
  if (storage !== undefined) return;
  try {
    startContext(process.env.AEVENT_BACKEND === 'native' ? undefined : loadNative());
  } catch {
    startContext(undefined);
  }
}

/** The current context, but inside `scope`. */
export function contextWithin(scope: Scope): Context {
  ensureContext();
  return currentContext()?.withScope(scope) ?? new Context(scope, undefined, 'outside');
}

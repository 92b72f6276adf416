// Where Node keeps AsyncLocalStorage in V8's continuation data, that is a frame: a Map from each storage to its value.
// enterWith() copies the current one, entry by entry, which would take a tenth of the time that a callback takes to be
// entered. So the frame that a strand begins with is made here, and not copied where there is nothing else in it.
// Guarded by test/runtime/backend/guards/.
import type { AsyncLocalStorage } from 'node:async_hooks';
import { builtin } from '../base/builtins.js';
import type { NativeBinding } from '../native/binding.js';

type Storage = AsyncLocalStorage<unknown>;
type Frame = Map<Storage, unknown>;
type FrameClass = new (storage: Storage, value: unknown) => Frame;
type Continuation = Pick<NativeBinding, 'getContext' | 'setContext'>;

const NodesMap = globalThis.Map;

/** Gives the frame that `storage.enterWith(value)` would make the current one. */
export type MakeFrame = (value: unknown) => unknown;

/** Makes frames for one storage. */
export interface Frames {
  readonly make: MakeFrame;
  /** Runs `fn` in the frame for `value`, and puts back the one that was there before. */
  readonly run: <T>(value: unknown, fn: () => T) => T;
  /** Why `make` is not the fast way; empty if it is. */
  readonly failure: string;
}

/** Makes frames for `storage`. */
export function frameMaker(storage: Storage, native: Continuation): Frames {
  const byNode: MakeFrame = (value) => storage.run(value, native.getContext);
  let make = byNode;
  const run = <T>(value: unknown, fn: () => T): T => {
    const frame = make(value);
    const around = native.getContext();
    native.setContext(frame);
    try {
      return fn();
    } finally {
      native.setContext(around);
    }
  };
  const before = native.getContext();
  try {
    const Class = (byNode({}) as Frame).constructor as FrameClass;
    // Of Node's kind, but made by V8's own constructor alone: its own copies the current frame.
    class EmptyFrame extends NodesMap<Storage, unknown> {
      // Without it Node 20 goes over the program's iterator of arrays
      constructor() {
        super();
      }
    }
    Object.setPrototypeOf(EmptyFrame.prototype, Class.prototype);
    make = (value) => {
      const current = native.getContext() as Frame | undefined;
      const copied = current !== undefined && (current.size > 1 || !current.has(storage));
      return copied ? new Class(storage, value) : new EmptyFrame().set(storage, value);
    };
    if (isRight(make, storage, native)) return { make, run, failure: '' };
  } catch {
    // As if it were wrong.
  } finally {
    native.setContext(before);
  }
  make = byNode;
  return { make, run, failure: "Node's AsyncContextFrame is not the Map that aevent knows" };
}

// Alone, on top of its own store, and beside another's.
function isRight(make: MakeFrame, storage: Storage, native: Continuation): boolean {
  const { AsyncLocalStorage } = builtin<typeof import('node:async_hooks')>('async_hooks');
  const other = new AsyncLocalStorage<unknown>();
  const begins = (expected: unknown): boolean => {
    const value = {};
    native.setContext(make(value));
    const seen = [storage.getStore() === value, other.getStore() === expected];
    const inside = other.run(value, () => storage.getStore() === value && other.getStore() === value);
    return seen.every(Boolean) && inside;
  };
  native.setContext(undefined);
  return begins(undefined) && begins(undefined) && other.run('other', () => begins('other'));
}

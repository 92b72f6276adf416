// Every zlib engine has a handle, whose `writeSync` compresses or expands one step: as much of the input as fits the
// output. All that is synchronous ends there: `gzipSync` and its kin, `engine._processChunk()`, and packages that drive
// the handle themselves, such as pngjs. So it is `writeSync` that waits. Its asynchronous twin, `write`, does the same step
// in libuv's pool, but reports to the stream's code; which is shown a stream that was destroyed, so that it does no more
// than call `handle.cb`. Whatever else becomes of the step is then up to Node's synchronous code, as always.

import { builtin } from '../../../runtime/base/builtins.js';
import type { AnyFunction } from '../../../runtime/base/disguise.js';
import { BusyResourceError } from '../../../runtime/base/errors.js';
import { call, copyBytes, each } from '../../../runtime/base/primordials.js';
import { symbolNamed } from '../../../runtime/base/symbol-named.js';
import { cheaply, policyOf } from '../../../runtime/patching/cheap-calls.js';
import { maySuspend } from '../../../runtime/suspension/portal.js';
import { suspend } from '../../../runtime/suspension/suspension.js';
import { streamDestroyed } from '../../kit/node-errors.js';
import { members } from '../../kit/prototype-members.js';

/** One step: what a handle is asked to do. */
type Step = [
  flush: number,
  input: Uint8Array | null,
  inOffset: number,
  inBytes: number,
  output: Uint8Array,
  outOffset: number,
  outBytes: number,
];

/** The native half of an engine of Node's. */
export interface Handle {
  [key: symbol]: unknown;
  write(...step: Step): void;
  writeSync(...step: Step): void;
  close(): void;
  reset(): void;
  params(...args: unknown[]): void;
  onerror: AnyFunction;
  cb?: () => void;
  buffer?: unknown;
}

/** The state of a handle. */
interface State {
  readonly what: string;
  /** Up to so many bytes of input, a step is short. */
  readonly smallBytes: number;
  busy: boolean;
  closed: boolean;
  /** A copy of the input of the chunk that the pool works on: the caller's may change meanwhile. */
  own?: { readonly of: Uint8Array; readonly bytes: Uint8Array } | undefined;
  /** How much room for output the steps had that this chunk has taken. */
  nativeBytes: number;
}

/** Of one chunk, no more than this is read and written natively; then the rest is taken for much. */
const NATIVE_BYTES = 256 * 1024;

const states = new WeakMap<Handle, State>();
const prototypes = new WeakMap<Handle, Handle>();
/** The one that programs have, too. */
const { Buffer: theirs } = builtin<typeof import('node:buffer')>('buffer');
const { concat } = theirs;

/**
 * Has the steps of a handle wait.
 * @param what - the engine, as the task dump shows it
 * @param smallBytes - see {@link State.smallBytes}
 */
export function guard(handle: Handle, what: string, smallBytes: number): Handle {
  states.set(handle, { what, smallBytes, busy: false, closed: false, nativeBytes: 0 });
  const native: Handle = Object.getPrototypeOf(handle);
  let ours = prototypes.get(native);
  if (ours === undefined) {
    ours = guarding(native);
    prototypes.set(native, ours);
  }
  return Object.setPrototypeOf(handle, ours);
}

// A handle that is used while a step is under way in the pool, or after it was closed, ends the process. Where nothing
// can suspend, no other code can do so; here other tasks can.
function guarding(native: Handle): Handle {
  const checked = (name: 'write' | 'reset' | 'params') =>
    function (this: Handle, ...args: never[]): unknown {
      stateOf(this, name);
      return Reflect.apply(native[name] as AnyFunction, this, args);
    };
  return Object.create(
    native,
    members({
      write: checked('write'),
      reset: checked('reset'),
      params: checked('params'),
      writeSync(this: Handle, ...step: Step): void {
        const state = stateOf(this, 'write');
        if (!maySuspend('zlib') || policyOf('zlib') === 'never') Reflect.apply(native.writeSync, this, step);
        else withoutPassthrough(() => work(this, native, state, step));
      },
      close(this: Handle): void {
        const state = states.get(this);
        if (state?.closed) return;
        if (state !== undefined) {
          state.closed = true;
          state.own = undefined;
        }
        call(native.close, this);
      },
    }),
  );
}

function stateOf(handle: Handle, name: string): State {
  const state = states.get(handle) as State;
  if (state.closed) throw streamDestroyed(name);
  if (state.busy) throw new BusyResourceError(state.what);
  return state;
}

function work(handle: Handle, native: Handle, state: State, step: Step): void {
  state.busy = true;
  if (step[2] === 0) state.own = undefined; // a new chunk
  try {
    if (isSmall(state, step)) {
      cheaply('zlib', () => Reflect.apply(native.writeSync, handle, step));
    } else {
      workInPool(handle, native, state, step);
    }
  } finally {
    state.busy = false;
  }
}

/** A small chunk may expand to anything: so what counts is all that was done with it. */
function isSmall(state: State, step: Step): boolean {
  const inOffset = step[2];
  const inBytes = step[3];
  const outBytes = step[6];
  state.nativeBytes = inOffset === 0 ? outBytes : state.nativeBytes + outBytes;
  return inBytes <= state.smallBytes && state.nativeBytes <= NATIVE_BYTES;
}

/** The step with input that no other code has. */
function withOwnInput(state: State, step: Step): Step {
  const [flush, input, inOffset, ...rest] = each(step as readonly unknown[]) as unknown as Step;
  if (input === null) return step;
  if (state.own?.of !== input) {
    const { buffer, byteOffset, byteLength } = input;
    state.own = { of: input, bytes: copyBytes(new Uint8Array(buffer, byteOffset, byteLength)) };
  }
  return [flush, state.own.bytes, inOffset, ...each(rest)] as unknown as Step;
}

function workInPool(handle: Handle, native: Handle, state: State, given: Step): void {
  const step = withOwnInput(state, given);
  const owner = ownerSymbol(handle);
  const engine = handle[owner];
  const { onerror } = handle;
  let failure: unknown[] | undefined;
  suspend<void>(state.what, (wait) => {
    handle[owner] = { destroyed: true };
    // The pool works on this memory, whatever becomes of the task; what the step gave is written into the engine's.
    handle.buffer = [step, engine];
    handle.cb = () => wait.resolve();
    handle.onerror = (...args: unknown[]) => {
      failure = args;
      wait.resolve();
    };
    Reflect.apply(native.write, handle, step);
    // The step's output is lost, and the engine is in the middle of a chunk. It is closed as soon as the step ends.
    return () => handle.close();
  });
  handle[owner] = engine;
  handle.onerror = onerror;
  handle.buffer = null;
  if (failure !== undefined) Reflect.apply(onerror, handle, failure as never);
}

function ownerSymbol(handle: Handle): symbol {
  const found = symbolNamed(handle, 'owner_symbol');
  if (found === undefined) throw new Error('this Node has no owner_symbol on the handles of zlib');
  return found;
}

// While it has Node handle a chunk, minizlib (of `tar`) puts a function in place of Buffer.concat that gives the list
// back: no other code may see that.
function withoutPassthrough(fn: () => void): void {
  const patched = theirs.concat;
  const passesThrough = patched !== concat && !Buffer.isBuffer(patched([]));
  if (passesThrough) theirs.concat = concat;
  try {
    fn();
  } finally {
    if (passesThrough) theirs.concat = patched;
  }
}

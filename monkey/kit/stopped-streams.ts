// Streams that do not flow while a listener of theirs is suspended where plain Node blocks: there they do not either. Their bytes
// stay in the stream, however the program reads them next. No 'pause' or 'resume' tells of it.
import type { Readable } from 'node:stream';
import type { Scope } from '../../runtime/base/async-scope.js';
import { globals } from '../../runtime/base/builtins.js';
import { call, ownValue } from '../../runtime/base/primordials.js';
import { symbolNamed } from '../../runtime/base/symbol-named.js';
import { isClaimed } from '../../runtime/io/stream-descriptors.js';
import { registered } from './late-listeners.js';

/** The part of a stream, also of one that is no Readable of Node's, by which it is stopped; or what has a port deliver again. */
export interface Flowing {
  readonly destroyed?: boolean;
  readableFlowing?: boolean | null;
  isPaused?(): boolean;
  pause?(): unknown;
  resume(): unknown;
}

/** The parts of a stream's state that are used here. */
export interface StreamState {
  readonly length: number;
  /** A list of Node's, or from Node 22 on an array and the index of its first entry. */
  readonly buffer: unknown[] | { readonly head?: StreamEntry; readonly tail?: StreamEntry };
  readonly bufferIndex?: number;
  readonly flowing?: boolean | null;
  ended: boolean;
  endEmitted: boolean;
  closeEmitted?: boolean;
  reading: boolean;
}
interface StreamEntry {
  readonly data: unknown;
}

/** Node's object for a socket or pipe. */
interface Handle {
  readonly reading?: boolean;
  readStop?(): number;
  readStart?(): number;
}
const handleOf = (socket: object): Handle | null | undefined =>
  (socket as { _handle?: Handle | null })._handle;

/** The state that a stream has, and nothing else that a program may have made. */
export function stateOf(thing: unknown): StreamState | undefined {
  if (typeof thing !== 'object' || thing === null) return undefined;
  const state = ownValue(thing, '_readableState');
  if (typeof state !== 'object' || state === null || !('length' in state)) return undefined;
  return state as StreamState;
}

/** Stops a stream. @returns false if it does not flow */
export function stop(stream: unknown): stream is Flowing {
  const state = stateOf(stream);
  if (state === undefined) return false;
  const { pause, readableFlowing } = stream as Flowing;
  if (readableFlowing === true) {
    stopReading(stream as object, true);
    (stream as Flowing).readableFlowing = false;
    holdEnd(state);
    return true;
  }
  if (readableFlowing === false && hasListener(stream, 'readable')) {
    stopReading(stream as object, false);
    // Its listeners of 'data' get the chunks that other code reads.
    if (hasListener(stream, 'data')) holdEnd(state);
    return true;
  }
  // One of readable-stream 2 has but its state.
  if (readableFlowing !== undefined || state.flowing !== true || typeof pause !== 'function') return false;
  call(pause, stream as Readable);
  return true;
}

const hasListener = (stream: unknown, event: 'data' | 'readable'): boolean =>
  registered(stream as Readable, event).length > 0;

/** By the state of a stream whose 'end' is held: whether the tick has passed in which Node would emit it. */
const ending = new WeakMap<StreamState, boolean>();

/**
 * Node emits 'end' in a tick after the last chunk, unless the listener has put something back by then, or 'close' was emitted: so it
 * seems to the tick. Then the stream is one that still reads, since other code may come to read it, and would have it end.
 */
function holdEnd(state: StreamState): void {
  if (!state.ended || state.length > 0 || state.endEmitted) return;
  const mark = endMark(state);
  state[mark] = true;
  ending.set(state, false);
  globals.nextTick(() => {
    if (ending.get(state) !== false) return;
    ending.set(state, true);
    state[mark] = false;
    state.ended = false;
    state.reading = true;
  });
}

function dropEnd(state: StreamState): void {
  const hasPassed = ending.get(state);
  if (hasPassed === undefined) return;
  ending.delete(state);
  if (hasPassed) {
    state.ended = true;
    state.reading = false;
  } else state[endMark(state)] = false;
}

/**
 * By the mark that 'end' was emitted, Node knows of a stream which has been written to its end that it can be destroyed: it must not be
 * set, except in readable-stream 3, which has no other.
 */
const endMark = (state: StreamState): 'closeEmitted' | 'endEmitted' =>
  'closeEmitted' in state ? 'closeEmitted' : 'endEmitted';

/** True if 'end' is all that a stream has yet to emit. */
const isAtEnd = ({ ended, endEmitted, length }: StreamState): boolean => ended && length === 0 && !endEmitted;

/** Gives a chunk back to the stream that has emitted it, and was stopped. @returns false where that cannot be */
export function unread(stream: Partial<Readable>, chunk: unknown): boolean {
  const state = stateOf(stream);
  if (state !== undefined) dropEnd(state);
  if (typeof stream.unshift !== 'function' || stream.readableEnded !== false || stream.destroyed !== false)
    return false;
  // A stream that flows would emit it again.
  if (stream.readableFlowing === true) return false;
  stream.unshift(chunk, stream.readableEncoding ?? undefined);
  return true;
}

/** Has a stream that was stopped be one that flows, as it does from {@link flow} on; not if the program has paused it since, or reads it. */
export function letFlow(stream: Flowing): void {
  const state = stateOf(stream);
  if (state !== undefined) dropEnd(state);
  if (stream.readableFlowing === undefined) stream.resume();
  else read(stream);
  if (state !== undefined && isAtEnd(state)) {
    const readable = stream as unknown as Readable;
    globals.nextTick(() => readable.readableLength === 0 && !isClaimed(readable) && readable.read(0));
  }
  if (stream.readableFlowing !== false || hasListener(stream, 'readable')) return;
  stream.readableFlowing = true;
  // Node knows of each pause() besides.
  if (stream.isPaused?.() === true) stream.readableFlowing = false;
}

/**
 * Has one that flows again go on, as Node does after resume().
 * @param next - gives the async context of the chunk, or the end, that it emits next
 */
export function flow(stream: Partial<Readable>, next: () => Scope | undefined): void {
  if (stream.destroyed !== false || stream.read === undefined || isClaimed(stream)) return;
  const readIn = (size?: number): unknown => {
    let chunk: unknown = null;
    const readNow = (): void => {
      chunk = (stream as Readable).read(size);
    };
    const scope = next();
    if (scope === undefined) readNow();
    else scope(readNow);
    return chunk;
  };
  while (stream.readableFlowing === true && readIn() !== null);
  if (stream.readableFlowing === true) readIn(0);
}

/** Has a stream ask for more, which was told to by Node and has not done so. */
export function askAgain(stream: Readable): void {
  const state = stateOf(stream);
  if (state === undefined || stream.destroyed) return;
  state.reading = false;
  stream.read(0);
}

/** True for a stream that has bytes to give, or its end. */
export function hasMore(stream: Readable): boolean {
  const state = stateOf(stream);
  return state !== undefined && !stream.destroyed && (state.length > 0 || isAtEnd(state));
}

/**
 * Has a socket leave to the system the bytes that come.
 * @param flowing - the socket's `readableFlowing`, if it is to be stopped: null if no code reads it, true if one listens
 * @returns false if nothing is stopped
 */
export function stopReading(socket: object, flowing: boolean | null): boolean {
  const state = stateOf(socket);
  // First, since the `_handle` of others is deprecated.
  if (state === undefined || (socket as Partial<Readable>).readableFlowing !== flowing) return false;
  const handle = handleOf(socket);
  if (handle?.reading !== true || handle.readStop === undefined || state.ended) return false;
  // Node goes by `reading`, and does not start again a handle that it takes for started.
  handle.readStop();
  return true;
}

/** True for a stream that the program has given to a child: Node marks it. */
export const isGivenToChild = (stream: object): boolean =>
  symbolNamed(stream, 'kIsUsedAsStdio') !== undefined;

/** Has it be read again, unless other code has stopped that, too, such as by handing it on. */
export function read(socket: object): void {
  const handle = handleOf(socket);
  if (handle?.reading === true && stateOf(socket)?.ended !== true) handle.readStart?.();
}

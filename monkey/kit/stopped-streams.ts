// Streams that do not flow while a listener of theirs is suspended where plain Node blocks: there they do not either. What has been read
// stays in the stream, for whatever the program does with it next. No 'pause' or 'resume' tells of it.
import type { Readable } from 'node:stream';
import { globals } from '../../runtime/base/builtins.js';
import { call } from '../../runtime/base/primordials.js';
import { symbolNamed } from '../../runtime/base/symbol-named.js';
import { registered } from './late-listeners.js';

/** The part of a stream, also of one that is no Readable of Node's, by which it is stopped; or what has a port deliver again. */
export interface Flowing {
  readonly destroyed?: boolean;
  readableFlowing?: boolean | null;
  isPaused?(): boolean;
  pause?(): unknown;
  resume(): unknown;
}

/** The parts of Node's streams and sockets that tell whether more comes. */
interface Inside {
  readonly _readableState: { readonly ended: boolean; readonly length: number; endEmitted: boolean };
  readonly _handle?: { readonly reading?: boolean; readStop?(): number; readStart?(): number } | null;
}

/** Stops a stream. @returns false if it does not flow */
export function stop(stream: unknown): stream is Flowing {
  const { isPaused, pause, readableFlowing } = (stream ?? {}) as Partial<Flowing>;
  if (readableFlowing === true) {
    stopReading(stream as object, true);
    (stream as Flowing).readableFlowing = false;
    holdEnd(stream as unknown as Inside);
    return true;
  }
  if (readableFlowing !== undefined || typeof pause !== 'function') return false;
  if (isPaused === undefined || call(isPaused, stream as Readable)) return false;
  call(pause, stream as Readable);
  return true;
}

/** Streams whose 'end' Node takes for emitted. */
const ending = new WeakSet<object>();

/** Node emits 'end' in a tick after the last chunk, unless the listener has put something back by then. */
function holdEnd({ _readableState: state }: Inside): void {
  if (!state.ended || state.length > 0 || state.endEmitted) return;
  state.endEmitted = true;
  ending.add(state);
}

/** @returns whether it was held */
function dropEnd(stream: Partial<Inside>): boolean {
  const { _readableState: state } = stream;
  if (state === undefined || !ending.delete(state)) return false;
  state.endEmitted = false;
  return true;
}

function letEnd(stream: Readable): void {
  if (dropEnd(stream as Partial<Inside>))
    globals.nextTick(() => stream.readableLength === 0 && stream.read(0));
}

/** Gives a chunk back to the stream that has emitted it, and was stopped. @returns false where that cannot be */
export function unread(stream: Partial<Readable>, chunk: unknown): boolean {
  dropEnd(stream as Partial<Inside>);
  if (typeof stream.unshift !== 'function' || stream.readableEnded !== false || stream.destroyed !== false)
    return false;
  // A stream that flows would emit it again.
  if (stream.readableFlowing === true) return false;
  stream.unshift(chunk, stream.readableEncoding ?? undefined);
  return true;
}

/** Has a stream that was stopped be one that flows, as it does from {@link flow} on; not if the program has paused it since, or reads it. */
export function letFlow(stream: Flowing): void {
  if (stream.readableFlowing === undefined) stream.resume();
  else read(stream);
  letEnd(stream as Readable);
  if (stream.readableFlowing !== false || registered(stream as Readable, 'readable').length > 0) return;
  stream.readableFlowing = true;
  // Node knows of each pause() besides.
  if (stream.isPaused?.() === true) stream.readableFlowing = false;
}

/** Has one that flows again go on, as Node does after resume(). */
export function flow(stream: Partial<Readable>): void {
  if (stream.destroyed !== false || stream.read === undefined) return;
  while (stream.readableFlowing === true && stream.read() !== null);
  if (stream.readableFlowing === true) stream.read(0);
}

/**
 * Has a socket leave to the system what comes.
 * @param flowing - the socket's `readableFlowing`, if it is to be stopped: null if no code reads it, true if one listens
 * @returns false if nothing is stopped
 */
export function stopReading(socket: object, flowing: boolean | null): boolean {
  // First, since the `_handle` of others is deprecated.
  if ((socket as Partial<Readable>).readableFlowing !== flowing) return false;
  const { _handle: handle, _readableState: state } = socket as Inside;
  if (handle?.reading !== true || handle.readStop === undefined || state.ended) return false;
  // Node goes by `reading`, and does not start again what it takes for started.
  handle.readStop();
  return true;
}

/** True for a stream that the program has given to a child: Node marks it. */
export const isGivenToChild = (stream: object): boolean =>
  symbolNamed(stream, 'kIsUsedAsStdio') !== undefined;

/** Has it be read again, unless other code has stopped that, too, such as by handing it on. */
export function read(socket: object): void {
  const { _handle: handle, _readableState: state } = socket as Inside;
  if (handle?.reading === true && !state.ended) handle.readStart?.();
}

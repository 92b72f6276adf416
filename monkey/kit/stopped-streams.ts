// Streams that do not flow while a listener of theirs is suspended where plain Node blocks: there they do not either. What has been read
// stays in the stream, for whatever the program does with it next. No 'pause' or 'resume' tells of it.
import type { Readable } from 'node:stream';
import { call } from '../../runtime/base/primordials.js';
import { registered } from './late-listeners.js';

/** The part of a stream, also of one that is no Readable of Node's, by which it is stopped. */
export type Flowing = Partial<Pick<Readable, 'destroyed' | 'readableFlowing'>> &
  Pick<Readable, 'isPaused' | 'pause' | 'resume'>;

/** Stops a stream. @returns false if it does not flow */
export function stop(stream: unknown): stream is Flowing {
  const { isPaused, pause, readableFlowing } = (stream ?? {}) as Partial<Flowing>;
  if (readableFlowing === true) (stream as Flowing).readableFlowing = false;
  else if (readableFlowing !== undefined || typeof pause !== 'function') return false;
  else if (isPaused === undefined || call(isPaused, stream as Readable)) return false;
  else call(pause, stream as Readable);
  return true;
}

/** Gives a chunk back to the stream that has emitted it. @returns false where that cannot be */
export function unread(stream: Partial<Readable>, chunk: unknown): boolean {
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
  if (stream.readableFlowing !== false || registered(stream as Readable, 'readable').length > 0) return;
  stream.readableFlowing = true;
  // Node knows of each pause() besides.
  if (stream.isPaused()) stream.readableFlowing = false;
}

/** Has one that flows again go on, as Node does after resume(). */
export function flow(stream: Partial<Readable>): void {
  if (stream.destroyed !== false || stream.read === undefined) return;
  while (stream.readableFlowing === true && stream.read() !== null);
  if (stream.readableFlowing === true) stream.read(0);
}

/** A socket, as far as Node's reading of it goes. */
export interface Reading {
  readonly _handle: { reading?: boolean; readStop(): number; readStart(): number } | null;
  readonly _readableState: { readonly reading: boolean };
  readonly readableFlowing: boolean | null;
  destroy(error?: Error): void;
}

/** Has a socket leave to the system what comes, if it reads and nothing listens. @returns false if it does not */
export function stopReading(socket: object): socket is Reading {
  // First, since others' `_handle` is deprecated.
  if ((socket as Partial<Reading>).readableFlowing !== null) return false;
  const { _handle: handle } = socket as Partial<Reading>;
  if (handle?.reading !== true) return false;
  handle.reading = false;
  handle.readStop();
  return true;
}

/** Has it read again, unless other code has done so, or has handed it on. */
export function read({ _handle: handle, _readableState: { reading } }: Reading): void {
  if (handle === null || handle.reading !== false || !reading) return;
  handle.reading = true;
  handle.readStart();
}

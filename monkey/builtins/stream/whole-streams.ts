// Waiting for whole streams: the functions of `stream/promises` and `stream/consumers`, under names that end in Sync.
import type { Blob } from 'node:buffer';
import type { Readable } from 'node:stream';
import type { FinishedOptions } from 'node:stream/promises';
import { builtin } from '../../../runtime/base/builtins.js';
import { each, whenSettled } from '../../../runtime/base/primordials.js';
import { suspend } from '../../../runtime/suspension/suspension.js';
import { awaitAbortable } from '../../../runtime/waiting/await-abortable.js';

type Promises = typeof import('node:stream/promises');
type Consumers = typeof import('node:stream/consumers');
type AnyStream = NodeJS.ReadableStream | NodeJS.WritableStream | NodeJS.ReadWriteStream;
type Consumable = NodeJS.ReadableStream | Readable | AsyncIterable<unknown>;

const { finished, pipeline } = builtin<Promises>('stream/promises');
const consumers = builtin<Consumers>('stream/consumers');

/**
 * Pipes streams, iterables and generator functions into one another, as Node's `pipeline()`; suspends until all of it is
 * through. Cancelled, it destroys the streams.
 * @param parts - as Node's: a source, any number of transformations, a destination; then options (`signal`, `end`)
 * @throws what a part fails with; Node's AbortError; {@link NoPortalError} where nothing can be suspended
 * @see Node `stream/promises.pipeline`
 */
export function pipelineSync(...parts: unknown[]): void {
  const last = parts[parts.length - 1];
  const hasOptions = typeof last === 'object' && last !== null && !isPart(last);
  const options = (hasOptions ? parts.pop() : {}) as { signal?: AbortSignal; end?: boolean };
  awaitAbortable(
    'stream.pipelineSync()',
    (signal) => Reflect.apply(pipeline, undefined, [...each(parts), { ...options, signal }]) as Promise<void>,
    options.signal,
  );
}

/**
 * Suspends until a stream is done: read to its end, or written and finished, or both. Cancelled, it leaves it alone.
 * @throws the stream's error, `ERR_STREAM_PREMATURE_CLOSE`; Node's AbortError; {@link NoPortalError} where nothing can be
 *   suspended
 * @see Node `stream/promises.finished`
 */
export function finishedSync(
  stream: AnyStream,
  options: FinishedOptions & { signal?: AbortSignal } = {},
): void {
  awaitAbortable(
    'stream.finishedSync()',
    (signal) => finished(stream as NodeJS.ReadableStream, { ...options, signal }),
    options.signal,
  );
}

function isPart(value: object): boolean {
  return (
    'pipe' in value ||
    'write' in value ||
    Symbol.asyncIterator in value ||
    Symbol.iterator in value ||
    'getReader' in value ||
    'getWriter' in value ||
    'readable' in value
  );
}

function consume<T>(what: string, stream: Consumable, consumer: (stream: never) => Promise<T>): T {
  return suspend<T>(what, (wait) => {
    whenSettled(consumer(stream as never), wait.resolve, wait.reject);
    return undefined;
  });
}

/** The additions to `stream/consumers`: each reads a stream to its end and suspends until then; throws the stream's error. */
export const syncConsumers: SyncConsumers = {
  arrayBufferSync: (stream) => consume('consumers.arrayBufferSync()', stream, consumers.arrayBuffer),
  blobSync: (stream) => consume('consumers.blobSync()', stream, consumers.blob) as Blob,
  bufferSync: (stream) => consume('consumers.bufferSync()', stream, consumers.buffer),
  jsonSync: (stream) => consume('consumers.jsonSync()', stream, consumers.json),
  textSync: (stream) => consume('consumers.textSync()', stream, consumers.text),
};

/** See {@link syncConsumers}; the sources are `stream.Readable`, a web stream, any async iterable. */
export interface SyncConsumers {
  /** Reads a stream to its end, as an ArrayBuffer; suspends until then. @throws the stream's error */
  arrayBufferSync(stream: Consumable): ArrayBuffer;
  /** Reads a stream to its end, as a Blob; suspends until then. @throws the stream's error */
  blobSync(stream: Consumable): Blob;
  /** Reads a stream to its end, as a Buffer; suspends until then. @throws the stream's error */
  bufferSync(stream: Consumable): Buffer;
  /** Reads a stream to its end as JSON; suspends until then. @throws the stream's error; SyntaxError if it is no JSON */
  jsonSync(stream: Consumable): unknown;
  /** Reads a stream to its end as UTF-8; suspends until then. @throws the stream's error */
  textSync(stream: Consumable): string;
}

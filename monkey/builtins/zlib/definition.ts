// The replaced `zlib`.
import type { Transform } from 'node:stream';
import { builtin } from '../../../runtime/base/builtins.js';
import { type AnyFunction, disguise } from '../../../runtime/base/disguise.js';
import { inTaskAfterPiece } from '../../../runtime/suspension/in-task.js';
import { callingBack } from '../../kit/callback-in-task.js';
import { defineModule, type MonkeyModule } from '../../kit/define-module.js';
import { listenersInTasks } from '../../kit/emitter-listeners.js';
import { unlessLeftAlone } from '../../kit/thread-pool.js';
import '../stream/sync-methods.js';
import { taskClass } from '../../kit/replace-class.js';
import { guard, type Handle } from './handle.js';

type Zlib = typeof import('node:zlib');
type EngineClass = new (options?: unknown) => Engine;
type BufferSync = (buffer: unknown, options?: unknown) => unknown;

/** Methods that Node's engines have besides those of a stream. */
interface Engine extends Transform {
  _handle: Handle | null;
  readonly _finishFlushFlag: number;
  readonly _info: unknown;
  _processChunk(chunk: Uint8Array, flushFlag: number): Buffer;
}

const real = builtin<Zlib>('zlib');
const { isAnyArrayBuffer } = builtin<typeof import('node:util')>('util').types;

/** Up to these many bytes of input, a step takes about as long as it takes to hand it to the pool, or a few times that. */
const EXPANDS_FAST = 64 * 1024;
const DEFLATES_FAST = 16 * 1024;
/** Setting these up may take milliseconds, and they do 1 MB/s if told to do their best. */
const SLOW = -1;

/** The engines, with what is small for them. */
const engines: Readonly<Record<string, number>> = {
  Deflate: DEFLATES_FAST,
  DeflateRaw: DEFLATES_FAST,
  Gzip: DEFLATES_FAST,
  Inflate: EXPANDS_FAST,
  InflateRaw: EXPANDS_FAST,
  Gunzip: EXPANDS_FAST,
  Unzip: EXPANDS_FAST,
  BrotliCompress: SLOW,
  BrotliDecompress: EXPANDS_FAST,
  ZstdCompress: SLOW,
  ZstdDecompress: EXPANDS_FAST,
};

/** An engine whose listeners run in tasks and whose synchronous steps wait. */
function engineClass(name: string, realClass: EngineClass, smallBytes: number): EngineClass {
  return taskClass(realClass, {
    ...listenersInTasks(realClass.prototype),
    // Constructors of every age and kind assign it.
    _handle: {
      get: () => undefined,
      set(this: Engine, handle: Handle | null) {
        const value = handle && guard(handle, `zlib.${name}`, smallBytes);
        Object.defineProperty(this, '_handle', {
          value,
          writable: true,
          enumerable: true,
          configurable: true,
        });
      },
      configurable: true,
    },
  });
}

/** The bytes that Node would take; undefined for what it refuses. */
function bytesFrom(value: unknown): Uint8Array | undefined {
  if (typeof value === 'string') return Buffer.from(value);
  if (ArrayBuffer.isView(value)) return value as Uint8Array;
  return isAnyArrayBuffer(value) ? Buffer.from(value) : undefined;
}

/** `gzipSync` and its kin: what Node does, with an engine of Node's whose steps wait. */
function bufferSync(original: BufferSync, name: string, realClass: EngineClass, small: number): BufferSync {
  return unlessLeftAlone('zlib', original, (given, options) => {
    const bytes = bytesFrom(given);
    if (bytes === undefined) return original(given, options); // Throws.
    const engine = new realClass(options);
    guard(engine._handle as Handle, name, small);
    try {
      const buffer = engine._processChunk(bytes, engine._finishFlushFlag);
      return engine._info ? { buffer, engine } : buffer;
    } finally {
      engine._handle?.close();
    }
  });
}

function replacements(): Record<string, unknown> {
  const nodes = real as unknown as Record<string, unknown>;
  const found: Record<string, unknown> = {};
  for (const [name, smallBytes] of Object.entries(engines)) {
    const realClass = nodes[name] as EngineClass | undefined;
    // Node 20 and the first ones of 22 have no zstd.
    if (realClass === undefined) continue;
    const Class = engineClass(name, realClass, smallBytes);
    const method = name[0]?.toLowerCase() + name.slice(1);
    found[name] = Class;
    found[`create${name}`] = disguise(
      nodes[`create${name}`] as AnyFunction,
      (_, [options]) => new Class(options),
    );
    found[method] = callingBack(nodes[method] as AnyFunction, inTaskAfterPiece);
    found[`${method}Sync`] = bufferSync(
      nodes[`${method}Sync`] as BufferSync,
      `zlib.${method}Sync`,
      realClass,
      smallBytes,
    );
  }
  return found;
}

/** `zlib`: what takes long is done in the thread pool; callbacks and listeners run in tasks. */
export const definition: MonkeyModule<Zlib> = defineModule<Zlib>('zlib', { implemented: replacements() });

// Node's internal bindings that a child process needs: the call that blocks, and reads and writes of a pipe without a
// stream around it.
import { internalBinding } from '../../../runtime/base/internal-binding.js';

/** Node's `spawn_sync`, whose `spawn` blocks. */
export interface SpawnBinding {
  spawn(options: RunOptions): RunResult;
}

/** A request to a {@link PipeHandle}; libuv's status comes to `oncomplete`. */
export interface Request {
  oncomplete: (status: number) => void;
  /** Kept while it is being written. */
  buffer?: NodeJS.ArrayBufferView;
}

/** This end of a pipe to a child. */
export interface PipeHandle {
  onread: (chunk: ArrayBuffer | undefined) => void;
  /** True while a stream of Node's reads it. */
  readonly reading?: boolean;
  readStart(): number;
  readStop(): number;
  writeBuffer(request: Request, bytes: NodeJS.ArrayBufferView): number;
  shutdown(request: Request): number;
  close(): void;
}

/** The bindings that {@link childBindings} finds. */
export interface ChildBindings {
  readonly sync: SpawnBinding;
  readonly WriteWrap: new () => Request;
  readonly ShutdownWrap: new () => Request;
  /** The result of a stream's last read or write, by the indices below. */
  readonly state: Int32Array;
  readonly readBytes: number;
  readonly readOffset: number;
  readonly lastWriteWasAsync: number;
}

interface StreamBinding extends Pick<ChildBindings, 'WriteWrap' | 'ShutdownWrap'> {
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kArrayBufferOffset: number;
  readonly kLastWriteWasAsync: number;
}

/** Gives them, or undefined where they can't be had: Node's permission model withholds them. */
export function childBindings(): ChildBindings | undefined {
  const sync = internalBinding<SpawnBinding>('spawn_sync');
  const stream = internalBinding<StreamBinding>('stream_wrap');
  if (sync === undefined || stream === undefined) return undefined;
  const { WriteWrap, ShutdownWrap, streamBaseState: state } = stream;
  const { kReadBytesOrError: readBytes, kArrayBufferOffset: readOffset } = stream;
  const { kLastWriteWasAsync: lastWriteWasAsync } = stream;
  const isKnown =
    state instanceof Int32Array &&
    typeof WriteWrap === 'function' &&
    typeof ShutdownWrap === 'function' &&
    readBytes in state &&
    readOffset in state &&
    lastWriteWasAsync in state;
  return isKnown
    ? { sync, WriteWrap, ShutdownWrap, state, readBytes, readOffset, lastWriteWasAsync }
    : undefined;
}

export interface Stdio {
  readonly type: 'fd' | 'ignore' | 'inherit' | 'overlapped' | 'pipe' | 'wrap';
  readonly fd?: number;
  /** As the child sees a pipe. */
  readonly readable?: boolean;
  readonly writable?: boolean;
  readonly input?: NodeJS.ArrayBufferView | null;
  /** The stream that a 'wrap' comes from. */
  readonly _stdio?: object;
}

/** The options that Node's spawnSync gives to its native half: checked, and none left to default. */
export interface RunOptions {
  readonly file: string;
  readonly args: string[];
  readonly stdio: readonly Stdio[];
  /** Milliseconds; 0, null and undefined: none. */
  readonly timeout?: number | null;
  /** Bytes; 0, null and undefined: no limit. */
  readonly maxBuffer?: number | null;
  readonly killSignal?: number | null;
  readonly [option: string]: unknown;
}

/** The result of Node's native half, in its order of keys. */
export interface RunResult {
  /** A libuv error number. */
  error?: number;
  status: number | null;
  signal: string | null;
  output: (Buffer | null)[] | null;
  pid: number;
}

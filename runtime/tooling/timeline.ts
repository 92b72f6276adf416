// The timeline: records what tasks do as trace events, from a call or from AEVENT_TRACE on. One recording at a time.
// Guarded by test/runtime/tooling/timeline.test.ts.
import { builtin } from '../base/builtins.js';
import { describe } from '../base/describe.js';
import { AeventError, invalidArgument } from '../base/errors.js';
import { Recorder } from './trace-recorder.js';

const { on } = builtin<typeof import('node:events')>('events').EventEmitter.prototype;
const process = builtin<typeof import('node:process')>('process');

/** Options of {@link startTrace}. */
export interface TraceOptions {
  /** The file, which is replaced. Workers, and children that inherit `AEVENT_TRACE`, add `.<pid>` or so to its name. */
  file: string;
  /** Recording ends when the file is so long; finite and > 0. Default: 256 MiB. */
  maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;

let current: Recorder | undefined;
let listens = false;

/**
 * Records what tasks do from now on, into a file of trace events. Not a checkpoint.
 * @throws TypeError for a bad option; {@link AeventError} `AEVENT_TRACE_FILE` if the file cannot be written,
 *   `AEVENT_TRACING` if a trace is being recorded
 */
export function startTrace(options: TraceOptions | string): void {
  const { file, maxBytes = DEFAULT_MAX_BYTES, ...rest } = optionsOf(options);
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) {
    throw invalidArgument(
      'AEVENT_UNKNOWN_OPTION',
      `startTrace() has no option ${JSON.stringify(unknown)}. It has: file, maxBytes.`,
    );
  }
  if (typeof file !== 'string' || file === '') {
    throw invalidArgument(
      'AEVENT_INVALID_OPTIONS',
      `startTrace({ file }) takes a path, not ${describe(file)}.`,
    );
  }
  if (typeof maxBytes !== 'number' || !Number.isFinite(maxBytes) || maxBytes <= 0) {
    throw invalidArgument(
      'AEVENT_INVALID_OPTIONS',
      `startTrace({ maxBytes }) takes a finite number of bytes > 0, not ${describe(maxBytes)}.`,
    );
  }
  if (current !== undefined) {
    throw new AeventError(
      'AEVENT_TRACING',
      `startTrace() was called while a trace is written to ${JSON.stringify(current.path)}. Call stopTrace() first.`,
    );
  }
  current = new Recorder(file, maxBytes);
  if (!listens) on.call(process, 'exit', () => current?.ending());
  listens = true;
}

function optionsOf(options: unknown): TraceOptions {
  if (typeof options === 'string') return { file: options };
  if (typeof options === 'object' && options !== null) return options as TraceOptions;
  throw invalidArgument(
    'AEVENT_INVALID_OPTIONS',
    `startTrace() takes the path of a file, or an object with it, not ${describe(options)}.`,
  );
}

/**
 * Ends the recording, and writes the rest of it. Not a checkpoint.
 * @returns the file's path; undefined if nothing was recorded
 */
export function stopTrace(): string | undefined {
  const path = current?.path;
  current?.stop();
  current = undefined;
  return path;
}

/** Starts what `AEVENT_TRACE` asks for, once. */
export function traceFromEnvironment(): void {
  const file = process.env.AEVENT_TRACE;
  if (started || file === undefined || file === '') return;
  started = true;
  startTrace(file);
}
let started = false;

/** The trace has it, if one is recorded; `sinceMs` is of `performance.now()`. */
export function traceBlocking(name: string, sinceMs: number, blockedMs: number, args: object): void {
  current?.blocked(name, sinceMs, blockedMs, args);
}

// How a call of `fs` is carried out: small ones in place, long ones in libuv's thread pool.
import type NodeFs from 'node:fs';
import type { PathLike, Stats } from 'node:fs';
import { builtin, copyOfBuiltin } from '../../../runtime/base/builtins.js';
import type { AnyFunction } from '../../../runtime/base/disguise.js';
import { each, hasPart, reduce, setBytes } from '../../../runtime/base/primordials.js';
import { checkpointIfCancelled } from '../../../runtime/cancellation/checkpoint.js';
import { statusOfFd } from '../../../runtime/io/descriptor.js';
import { inFileOrder } from '../../../runtime/io/file-order.js';
import { holdDescriptor } from '../../../runtime/io/held-descriptor.js';
import { cheaply, withTurnAfter } from '../../../runtime/patching/cheap-calls.js';
import { suspending } from '../../kit/define-module.js';
import { type Done, inPool, unlessLeftAlone } from '../../kit/thread-pool.js';
import { FileOf } from './file-of.js';

/** Node's own `fs`, whatever a program puts into it. Everything here ends in one of its functions, so that errors and results are Node's. */
export const real: typeof NodeFs = copyOfBuiltin<typeof NodeFs>('fs');

const { fileURLToPath } = builtin<typeof import('node:url')>('url');

/**
 * Up to this many bytes a regular file is read or written in place. 128 KiB take about 0.1 ms, a tenth of the
 * default `maxBlockMs`; below that the way through the thread pool costs more than it frees the loop.
 */
export const SMALL_BYTES: number = 128 * 1024;

/** Runs `call` natively and at once; then the event loop turns, if that is due. May suspend after the call only. */
export function inPlace<T>(call: () => T): T {
  return cheaply('fs', call);
}

/**
 * A function of `fs` whose work is small and bounded: runs as it is, then the event loop turns, if that is due.
 * @param before - called with its arguments before it runs
 */
export function bounded<F extends AnyFunction>(original: F, before?: (args: readonly unknown[]) => void): F {
  return withTurns(original, false, before);
}

/** A function of `fs` that closes something: as {@link bounded}, but cancelled or not, it does. */
export function closing<F extends AnyFunction>(original: F, before?: (args: readonly unknown[]) => void): F {
  return withTurns(original, true, before);
}

function withTurns<F extends AnyFunction>(
  original: F,
  always: boolean,
  before?: (args: readonly unknown[]) => void,
): F {
  const replacement = function (this: unknown, ...args: never[]): unknown {
    before?.(args);
    return withTurnAfter('fs', always, original, this, args);
  };
  return suspending('fs', original, replacement as unknown as F);
}

/** A function of `fs` that may take long; `replacement` may suspend anywhere. */
export function unbounded<F extends AnyFunction>(original: F, replacement: F): F {
  return unlessLeftAlone('fs', original, replacement);
}

/**
 * As {@link inPool}, for work on a descriptor: on what it is now, and after the work on the same file that was begun before.
 * @param name - of the function, without `fs.`
 * @param native - does it where no descriptor can be had for it, and blocks
 * @param start - calls the callback form with the descriptor to work on
 */
export function inPoolOn<T>(
  name: string,
  fd: number,
  native: () => T,
  start: (held: number, done: Done<T>) => void,
): T {
  checkpointIfCancelled();
  const status = statusOfFd(fd);
  const held = status === undefined ? undefined : holdDescriptor(fd);
  if (status === undefined || held === undefined) return native();
  return inPool<T>(
    `fs.${name}`,
    (done) =>
      startInOrder([status], start, held.fd, (error, value) => {
        held.release();
        done(error, value as T);
      }),
    undefined,
    new FileOf(held.fd),
  );
}

/** As {@link inPoolOn}, on a descriptor that is opened for it, now, and closed when the work has ended. */
export function inPoolOnOwn<T>(
  name: string,
  open: () => number,
  start: (own: number, done: Done<T>) => void,
  others: readonly Stats[] = [],
): T {
  checkpointIfCancelled();
  const fd = open();
  const status = real.fstatSync(fd);
  return inPool<T>(
    `fs.${name}`,
    (done) =>
      startInOrder([status, ...each(others)], start, fd, (error, value) => {
        done(closeAfter(fd, error), value as T);
      }),
    undefined,
    new FileOf(fd),
  );
}

/**
 * Closes a descriptor when the work on it has ended.
 * @returns the error of the work, or that of the close: network file systems tell of failed writes only then
 */
export function closeAfter(fd: number, error: Error | null | undefined): Error | null | undefined {
  try {
    real.closeSync(fd);
  } catch (closing) {
    return error ?? (closing as Error);
  }
  return error;
}

function startInOrder<T>(
  files: readonly Stats[],
  start: (on: number, done: Done<T>) => void,
  fd: number,
  done: Done<T>,
): void {
  inFileOrder(files, (ended) => {
    const end: Done<T> = (error, value) => {
      ended();
      done(error, value as T);
    };
    try {
      start(fd, end);
    } catch (error) {
      end(error as Error);
    }
  });
}

/** The same bytes in memory of their own; undefined where that cannot be had. */
export function copyOf(views: readonly NodeJS.ArrayBufferView[]): Buffer | undefined {
  const whole = allocate(reduce(views, (sum: number, view) => sum + view.byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of each(views)) {
    if (whole !== undefined) setBytes(whole, new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return whole;
}

/** Memory; undefined if there is too little of it. */
export function allocate(byteLength: number): Buffer | undefined {
  try {
    return Buffer.allocUnsafeSlow(byteLength);
  } catch {
    return undefined;
  }
}

/** A path as text; undefined if it is a Buffer, or nothing that Node would take. */
export function pathOf(path: PathLike): string | undefined {
  try {
    const text = path instanceof URL ? fileURLToPath(path) : path;
    return typeof text === 'string' && text !== '' && !hasPart(text, '\0') ? text : undefined;
  } catch {
    return undefined;
  }
}

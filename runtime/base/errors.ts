// The errors that aevent throws, and the checks of arguments that all rooms share.
import { builtin } from './builtins.js';
import { describe, messageOf } from './describe.js';
import { beginAtProgram } from './stacks.js';

const { getSystemErrorMap, getSystemErrorName } = builtin<typeof import('node:util')>('util');

/** Options of {@link AeventError}. */
export interface AeventErrorOptions {
  /** The error that led to this one. */
  cause?: unknown;
}

/**
 * Base class of every error that aevent itself raises. `code` is stable; the brand
 * `Symbol.for('aevent.error.<CODE>')` tells the error apart across realms and copies of the package.
 */
export class AeventError extends Error {
  /** Tells one kind of error from another, `AEVENT_*`; never changes. */
  readonly code: string;

  /**
   * @param code - `AEVENT_*`, in capitals
   * @param message - names the event, the value, and the remedy
   * @param options - the error that led to this one, as `cause`
   */
  constructor(code: string, message: string, options?: AeventErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, Symbol.for(`aevent.error.${code}`), { value: true });
    // A cancellation is made elsewhere, and begins where it is raised.
    if (code !== 'AEVENT_CANCELLED') beginAtProgram(this);
  }

  override get name(): string {
    return 'AeventError';
  }
}

/** Something had to suspend where nothing can be suspended. */
export class NoPortalError extends AeventError {
  /**
   * @param what - the call that had to suspend
   * @param reason - why it could not
   */
  constructor(what: string, reason: string) {
    super(
      'AEVENT_NO_PORTAL',
      `${what} was called where nothing can be suspended (${reason}). ${advice(reason)}`,
    );
  }

  override get name(): string {
    return 'NoPortalError';
  }
}

/**
 * Raised out of a suspension inside a cancelled scope. Let it pass: a scope that is cancelled catches it at its end.
 * A swallowed one is raised again at the next suspension.
 * @see trio `Cancelled`
 */
export class Cancelled extends AeventError {
  /** @param reason - the argument of `cancel()`; kept as `cause` */
  constructor(reason?: unknown) {
    const why = reason === undefined ? '' : messageOf(reason);
    super('AEVENT_CANCELLED', why === '' ? 'the scope was cancelled' : `the scope was cancelled: ${why}`, {
      cause: reason,
    });
  }

  override get name(): string {
    return 'Cancelled';
  }
}

/** A stream ended before as many bytes had come as were asked for; those that had come are `partial`. */
export class IncompleteReadError extends AeventError {
  /** The bytes that were read before the end; they are not in the stream any more. */
  readonly partial: Buffer | string;
  /** How many bytes (characters, if the stream has an encoding) were asked for. */
  readonly expected: number;

  /**
   * @param partial - the bytes that were read before the end
   * @param expected - bytes, or characters, that were asked for
   */
  constructor(partial: Buffer | string, expected: number) {
    super(
      'AEVENT_INCOMPLETE_READ',
      `the stream ended after ${partial.length} of the ${expected} bytes asked for. What had come is in error.partial.`,
    );
    this.partial = partial;
    this.expected = expected;
  }

  override get name(): string {
    return 'IncompleteReadError';
  }
}

/** Another task waits for the same thing, which cannot be given to two. */
export class BusyResourceError extends AeventError {
  /** @param what - the call that found another task waiting */
  constructor(what: string) {
    super(
      'AEVENT_BUSY_RESOURCE',
      `${what} was called while another task waits in a call of the same kind on this object. ` +
        'Let one task do it, or take turns with a Lock from aevent/threading.',
    );
  }

  override get name(): string {
    return 'BusyResourceError';
  }
}

/**
 * The work of `failAfter()` or `failAt()` was not done in time.
 * @see trio `TooSlowError`
 */
export class TooSlowError extends AeventError {
  /**
   * @param limitMs - how long it had been given
   * @param message - in place of the usual one
   */
  constructor(
    limitMs: number,
    message = `not done within ${Math.max(0, Math.round(limitMs))} ms; what was still waited for was cancelled`,
  ) {
    super('AEVENT_TOO_SLOW', message);
  }

  override get name(): string {
    return 'TooSlowError';
  }
}

/** A TypeError with a stable `code`, for an argument of ours that makes no sense. */
export function invalidArgument(code: string, message: string): TypeError {
  return Object.assign(beginAtProgram(new TypeError(message)), { code });
}

/**
 * Checks that an argument is a function.
 * @param what - the call, as the error is to name it, e.g. `call()`
 * @throws TypeError `AEVENT_INVALID_ARGUMENT`
 */
export function requireFunction(what: string, fn: unknown): void {
  if (typeof fn === 'function') return;
  throw invalidArgument('AEVENT_INVALID_ARGUMENT', `${what} takes a function, not ${describe(fn)}.`);
}

/** The `code` of an error, if it has one. */
export function codeOf(error: unknown): unknown {
  try {
    return (error as NodeJS.ErrnoException | undefined)?.code;
  } catch {
    return undefined;
  }
}

/** True of an error that an operation of the file system ended with. */
export function isSystemError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException | undefined)?.syscall === 'string';
}

/**
 * The error of a failed system call, as Node's file system throws it: `EBADF: bad file descriptor, read`.
 * @param errno - negative, as libuv has it
 */
export function systemError(errno: number, syscall: string): NodeJS.ErrnoException {
  const what = getSystemErrorMap().get(errno)?.[1] ?? 'unknown error';
  return errorOfCall(errno, syscall, `${getSystemErrorName(errno)}: ${what}, ${syscall}`);
}

/** As {@link systemError}, in the words of Node's sockets and processes: `connect ETIMEDOUT`. */
export function shortSystemError(errno: number, syscall: string): NodeJS.ErrnoException {
  return errorOfCall(errno, syscall, `${syscall} ${getSystemErrorName(errno)}`);
}

function errorOfCall(errno: number, syscall: string, message: string): NodeJS.ErrnoException {
  const code = getSystemErrorName(errno);
  return Object.assign(beginAtProgram(new Error(message)), { errno, code, syscall });
}

function advice(reason: string): string {
  if (reason.startsWith('native')) return 'Leave aevent.native(), or await the promise outside of it.';
  if (reason.startsWith('backend')) {
    return reason.endsWith('asks for it')
      ? 'Ask for another backend, or for none.'
      : 'No other backend works here: await the promise in async code.';
  }
  if (reason.startsWith('no carrier')) return 'Run fewer tasks at once, or raise the limits of the system.';
  if (reason.startsWith('async scope'))
    return 'Suspend outside of AsyncResource.runInAsyncScope() and native callbacks.';
  if (reason.startsWith('node:sqlite'))
    return 'Get the value before SQLite is called, or use the backend fiber (AEVENT_BACKEND=fiber).';
  if (reason.startsWith('JSON')) return 'Get the value before JSON.stringify() is called.';
  if (reason.startsWith('require')) return 'setup({ suspendInRequire: true }) allows it.';
  return 'Start the work with aevent.call() or aevent.run(), or `await aevent.perTask()` first.';
}

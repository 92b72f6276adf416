// Errors of Node's kinds for what Node has no function to check: the same codes, messages and looks.
import { builtin } from '../../runtime/base/builtins.js';
import { describe, inspect } from '../../runtime/base/describe.js';
import { shortSystemError } from '../../runtime/base/errors.js';
import { beginAtProgram } from '../../runtime/base/stacks.js';

/** `ERR_INVALID_ARG_TYPE`, as Node says it. */
export function invalidArgType(name: string, expected: string, received: unknown): TypeError {
  const described = received == null ? String(received) : `type ${typeof received} (${inspect(received)})`;
  const message = `The "${name}" argument must be ${expected}. Received ${described}`;
  return withCode(new TypeError(message), 'ERR_INVALID_ARG_TYPE');
}

/** `ERR_OUT_OF_RANGE`, as Node says it. */
export function outOfRange(name: string, range: string, received: unknown): RangeError {
  const message = `The value of "${name}" is out of range. It must be ${range}. Received ${describe(received)}`;
  return withCode(new RangeError(message), 'ERR_OUT_OF_RANGE');
}

/**
 * Checks a count.
 * @throws TypeError or RangeError, Node's, for what is no integer >= 0
 */
export function validateCount(value: unknown, name: string): asserts value is number {
  if (typeof value !== 'number') throw invalidArgType(name, 'of type number', value);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < 0) throw outOfRange(name, '>= 0', value);
}

/** `ETIMEDOUT` of a system call. */
export function timedOut(syscall: string): NodeJS.ErrnoException {
  const { errno } = builtin<typeof import('node:os')>('os').constants;
  return shortSystemError(-errno.ETIMEDOUT, syscall);
}

/** `ERR_STREAM_DESTROYED`, as Node says it. */
export function streamDestroyed(name: string): Error {
  const message = `Cannot call ${name} after a stream was destroyed`;
  return withCode(new Error(message), 'ERR_STREAM_DESTROYED');
}

/** Node's `AbortError`, as it makes them itself. */
export function abortError(message: string): Error & { code: string } {
  const error = Object.assign(new Error(message), { code: 'ABORT_ERR' });
  error.name = 'AbortError';
  return beginAtProgram(error); // its first line is written anew
}

/** Gives an error a code; it shows in the stack, but not in the name, as with Node's own. */
export function withCode<E extends Error>(error: E, code: string): E & { code: string } {
  error.name = `${error.name} [${code}]`;
  beginAtProgram(error);
  void error.stack;
  Reflect.deleteProperty(error, 'name');
  return Object.assign(error, { code });
}

// Stacks begin with the program's frame: the functions of aevent's, and of Node's, that lie above it tell the program
// nothing. A stack that a program formats itself (Error.prepareStackTrace) is left as it is. Nothing here throws.
// Guarded by test/runtime/tooling/first-frames.test.ts.
import { builtin } from './builtins.js';
import { isProxy, nameOf } from './describe.js';
import { endsWith, exec, hasPart, ownValue, part, placeOf, startsWith } from './primordials.js';

const { fileURLToPath } = builtin<typeof import('node:url')>('url');
const { sep } = builtin<typeof import('node:path')>('path');
const { types } = builtin<typeof import('node:util')>('util');
const { captureStackTrace } = Error;

const home = new URL('../..', import.meta.url);
const ROOMS = ['dist/', 'loader/', 'monkey/', 'runtime/'];
/** Where aevent's files are, compiled and as source maps name them. */
const places: readonly string[] = placesIn(home.href, fileURLToPath(home), sep);
/** More than aevent ever has above the program's. */
const MOST_OF_OURS = 25;

const FRAMES = /(?:\n {4}at [^\n]*)*$/;
/** All but the line end at the end. */
const NO_END = /^[\s\S]*\S/;
const FRAME_FILE = /((?:file:\/\/|\/|\\\\|[A-Za-z]:[\\/])[^\n]*?):\d+:\d+\)?$/;
const FRAME = /\n {4}at ([^\n]*)/y;

/** The rooms of the package in `home`, as URLs and as paths with `separator` between names. */
export function placesIn(href: string, path: string, separator: string): string[] {
  return ROOMS.flatMap((room) => [href + room, path + room.replace('/', separator)]);
}

/** The path or URL of the file in a frame; undefined for one of V8's or of source text. */
export const fileOfFrame = (frame: string): string | undefined => exec(FRAME_FILE, frame)?.[1];

/** The path or URL of the program's file that called aevent; undefined if none did, or the program formats stacks itself. */
export function callingFile(): string | undefined {
  if (isFormatted()) return undefined;
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = MOST_OF_OURS + 10;
    const { stack } = new Error();
    const frames = fromProgramOn(stack ?? '');
    FRAME.lastIndex = 0;
    const frame = exec(FRAME, `\n${frames}`)?.[1];
    return frame === undefined ? undefined : fileOfFrame(frame);
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function isOurs(frame: string): boolean {
  for (let i = 0; i < places.length; i++) if (hasPart(frame, places[i] as string)) return true;
  return false;
}

const isFrameOfNodes = (frame: string): boolean => hasPart(frame, '(node:') || startsWith(frame, 'node:');

/** True of a line of a stack that is aevent's. */
export const isOfAevent = (line: string): boolean => isOurs(line);

/** True of a line of a stack that is neither aevent's nor Node's, nor a builtin of V8's. */
export function isOfProgram(line: string): boolean {
  const frame = startsWith(line, '    at ') ? part(line, 7) : line;
  return !isOurs(frame) && !isFrameOfNodes(frame) && !endsWith(frame, '(<anonymous>)');
}

/** True of a frame of aevent's or Node's. */
export const isInside = (frame: string): boolean => isOurs(frame) || isFrameOfNodes(frame);

/** How much of `frames` comes before the program's first; of what has none, the part that is aevent's. */
function lengthAboveProgram(frames: string): number {
  let above = 0;
  let ours = 0;
  let isLeading = true;
  FRAME.lastIndex = 0;
  for (let found = exec(FRAME, frames); found !== null; found = exec(FRAME, frames)) {
    const frame = found[1] as string;
    const own = isOurs(frame);
    isLeading &&= own;
    if (own || isFrameOfNodes(frame)) above = FRAME.lastIndex;
    // V8's builtins are between any two.
    else if (!endsWith(frame, '(<anonymous>)')) return above;
    if (isLeading) ours = FRAME.lastIndex;
  }
  return ours === frames.length ? 0 : ours;
}

/** The frames at the end of an error's stack, a line each. A message may itself end with lines that look like frames. */
function framesOf(error: object, stack: string): string {
  const message = ownValue(error, 'message');
  const above = typeof message === 'string' && message !== '' ? placeOf(stack, message) : -1;
  return exec(FRAMES, above < 0 ? stack : part(stack, above + (message as string).length))?.[0] ?? '';
}

/** The first `count` frames. */
function first(frames: string, count: number): string {
  FRAME.lastIndex = 0;
  let end = 0;
  for (let i = 0; i < count && exec(FRAME, frames) !== null; i++) end = FRAME.lastIndex;
  return part(frames, 0, end);
}

/** The stack of a suspended call, from the program's frame on; a line a frame, as V8 prints it. */
export function fromProgramOn(stack: string): string {
  const frames = exec(FRAMES, `\n${exec(NO_END, stack)?.[0] ?? stack}`)?.[0] ?? '';
  return frames === '' ? stack : `${part(frames, lengthAboveProgram(frames) + 1)}\n`;
}

/** Gives an error of aevent's the stack of the running code, from the program's frame on. Not for a proxy. */
export function beginAtProgram<E extends object>(error: E): E {
  const limit: unknown = Error.stackTraceLimit;
  if (typeof limit !== 'number' || limit <= 0 || isFormatted()) return error;
  try {
    let isRaised = false;
    try {
      // Those that are left out do not count.
      isRaised = Reflect.set(Error, 'stackTraceLimit', limit + MOST_OF_OURS);
      captureStackTrace(error);
    } finally {
      if (isRaised) Error.stackTraceLimit = limit;
    }
    const { stack } = error as { stack?: unknown };
    if (typeof stack !== 'string') return error;
    const frames = framesOf(error, stack);
    const value =
      part(stack, 0, stack.length - frames.length) + first(part(frames, lengthAboveProgram(frames)), limit);
    Reflect.defineProperty(error, 'stack', { value, writable: true, configurable: true, enumerable: false });
  } catch {
    // The stack overflows, or the error is frozen.
  }
  return error;
}

/** True where the program formats stacks: to read one would call it. Some versions of Node put their own function there. */
function isFormatted(): boolean {
  const prepare: unknown = Error.prepareStackTrace;
  return typeof prepare === 'function' && nameOf(prepare) !== 'ErrorPrepareStackTrace';
}

/** True of an error of Node's or aevent's, as far as can be told without a look at its stack. */
function isNodes(error: unknown): error is Error {
  if (isProxy(error) || !types.isNativeError(error)) return false;
  const code = ownValue(error, 'code');
  // That of a child that failed has its exit status.
  return typeof code === 'string' || Object.hasOwn(error, 'status');
}

/** True of an error of Node's or aevent's whose stack has no frame of the program's at the top. */
function beginsInside(error: unknown): error is Error {
  if (isFormatted() || !isNodes(error)) return false;
  const { stack } = error;
  if (typeof stack !== 'string') return false;
  const frames = framesOf(error, stack);
  FRAME.lastIndex = 0;
  const frame = exec(FRAME, frames)?.[1];
  return frame === undefined || isFrameOfNodes(frame) || isOurs(frame);
}

/** Shows, of an error that Node made in the background or in a callback of the loop, the code that waited for it. */
export function showWaiter(error: unknown): void {
  try {
    if (isFormatted()) {
      if (isNodes(error) && hasNoFrames(error)) captureStackTrace(error, showWaiter);
    } else if (beginsInside(error)) beginAtProgram(error);
  } catch {
    // As above.
  }
}

/** True of an error that no JavaScript made, which has the program format its stack earlier than it would be. */
function hasNoFrames(error: Error): boolean {
  const prepare = Error.prepareStackTrace;
  let frames: number | undefined;
  try {
    Error.prepareStackTrace = (raised, trace) => {
      frames ??= trace.length;
      return prepare?.call(Error, raised, trace);
    };
    void error.stack;
  } finally {
    Error.prepareStackTrace = prepare;
  }
  return frames === 0;
}

/** The last system error that begins with its caller: a function that called back sees it again, further down. */
let shown: Error | undefined;

/**
 * Has an error of Node's begin with the code that called `fn`, as far as it was raised in there. Programs try a path and catch
 * ENOENT thousands of times, and reading `stack` has V8 format it. So a system error is taken for raised in there unread.
 */
export function showCaller(error: unknown, fn: (...args: never[]) => unknown): void {
  try {
    if (isSystemError(error)) {
      if (error === shown) return;
      shown = error;
    } else if (!beginsInside(error)) return;
    captureStackTrace(error, fn);
  } catch {
    // As above.
  }
}

/** True of an error that libuv's result was made into. */
function isSystemError(error: unknown): error is Error {
  if (isProxy(error) || !types.isNativeError(error) || isFormatted()) return false;
  return Object.hasOwn(error, 'syscall') && Object.hasOwn(error, 'errno');
}

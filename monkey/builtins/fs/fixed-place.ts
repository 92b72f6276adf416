// A call of several steps works where its paths were when it was made: other code may change the working directory between two steps, and
// a relative path would be one of another tree then.
// Guarded by test/monkey/builtins/fs/held.test.ts.
import { builtin, ofProcess } from '../../../runtime/base/builtins.js';
import { each, part, placeOf } from '../../../runtime/base/primordials.js';

const { isAbsolute, resolve } = builtin<typeof import('node:path')>('path');

/** A path. */
export interface Place {
  /** As the program has given it. */
  readonly given: string;
  /** Wherever the working directory is. */
  readonly at: string;
}

/** Fixes the place that a path names now. */
export function fixed(given: string): Place {
  return { given, at: isAbsolute(given) ? given : resolve(given) };
}

/** Gives a function by which a step chooses its path: as it was given, unless the working directory has changed since. */
export function choosing(): (place: Place) => string {
  const start = ofProcess.cwd();
  return ({ given, at }) => (ofProcess.cwd() === start ? given : at);
}

/** Runs `call`, which uses fixed paths; an error of its names the paths as they were given. */
export function withNames<T>(places: readonly Place[], call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof Error) for (const place of each(places)) rename(error, place);
    throw error;
  }
}

function rename(error: Error, { given, at }: Place): void {
  if (given === at) return;
  for (const key of each(['message', 'path', 'dest'])) {
    const text: unknown = Reflect.get(error, key);
    const found = typeof text === 'string' ? placeOf(text, at) : -1;
    if (found < 0) continue;
    const rest = part(text as string, found + at.length);
    Reflect.set(error, key, `${part(text as string, 0, found)}${given}${rest}`);
  }
}

// Where native calls of replaced functions are told of, for those who watch what keeps the event loop. Apart from them: every
// start-up needs this, and hardly one needs blocking.ts.
import type { AnyFunction } from '../base/disguise.js';

/** Called with each native call of a replaced function; undefined where the loop is not watched. */
export const nativeCalls: {
  by: ((module: string, fn: AnyFunction, self: unknown, args: readonly unknown[]) => unknown) | undefined;
} = { by: undefined };

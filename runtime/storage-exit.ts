// AsyncLocalStorage.exit() on Node 20 and 22 switches the storage off for the whole process, until its callback has
// returned. A task that is suspended in there would take the store away from all the others, and have its own back as
// soon as one of them leaves. In a task it is run(undefined) instead, as Node itself does it since Node 24.
import { builtin } from './builtins.js';
import { usesAsyncContextFrame } from './node-features.js';
import { hasPortal } from './permission.js';

/** Has `exit()` of every AsyncLocalStorage touch nothing but the code that calls it. */
export function keepExitLocal(): void {
  if (usesAsyncContextFrame) return;
  const { prototype } = builtin<typeof import('node:async_hooks')>('async_hooks').AsyncLocalStorage;
  const { exit: original, run } = prototype;
  const replacement = function exit(this: typeof prototype, ...args: unknown[]): unknown {
    return hasPortal() ? Reflect.apply(run, this, [undefined, ...args]) : Reflect.apply(original, this, args);
  };
  Object.defineProperty(prototype, 'exit', {
    ...Object.getOwnPropertyDescriptor(prototype, 'exit'),
    value: replacement,
  });
}

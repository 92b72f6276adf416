// Node's function that makes an error an uncaught exception, where it is called. It is found in a closure.
import { builtin } from './builtins.js';
import { functionInClosure } from './closure-variable.js';

type Trigger = (error: unknown, fromPromise: boolean) => void;

let found: Trigger | undefined;

/** Gives that function. @throws if it cannot be found */
export function triggerOfNode(): Trigger {
  // Looked for once: V8 keeps what the inspector compiles to look.
  found ??= look();
  return found;
}

function look(): Trigger {
  const { Channel } = builtin<typeof import('node:diagnostics_channel')>('diagnostics_channel');
  return functionInClosure<Trigger>('triggerUncaughtException', [Channel.prototype.publish]);
}

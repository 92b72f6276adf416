// A program whose event loop runs dry while tasks are still parked would just vanish. It says so instead, and exits
// with 13, as Node does for a top-level await that never settles.
import { builtin, globals } from './builtins.js';
import { containerOf } from './containment.js';
import type { Context } from './context.js';
import { parkedWaits } from './suspension.js';

const fs = builtin<typeof import('node:fs')>('fs');
const unsettled = 13;

/** A dump of the parked tasks, with what each waits for and its stack; of those in `contexts` only. */
export function describeParked(contexts: (context: Context) => boolean = () => true): string {
  return parkedWaits()
    .filter(({ wait }) => contexts(wait.context))
    .map(({ wait, stack }) => `  ${wait.context.task?.name ?? '(no task)'}: waits in ${wait.what}\n${stack}`)
    .join('');
}

// A Worker that is a task holds the loop, unless it was told not to.
function isStuck(context: Context): boolean {
  return containerOf(context) === undefined;
}

/** Watches for the end of the process. */
export function reportDeadlockAtExit(): void {
  let dry = false;
  process.on('beforeExit', () => {
    dry = true;
    // Runs only if somebody gives the loop something to do after all.
    globals
      .setImmediate(() => {
        dry = false;
      })
      .unref();
  });
  process.on('exit', () => {
    if (!dry) return;
    const count = parkedWaits().filter(({ wait }) => isStuck(wait.context)).length;
    if (count === 0) return;
    process.exitCode = unsettled;
    // Synchronously, and past whatever replaced process.stderr.
    fs.writeSync(
      2,
      `aevent: the event loop has nothing left to do, but ${count} suspended call(s) still wait and nobody can wake them:\n` +
        describeParked(isStuck),
    );
  });
}

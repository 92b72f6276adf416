// A program whose event loop runs dry while tasks are still parked would just vanish. It says so instead, and exits
// with 13, as Node does for a top-level await that never settles.
import { builtin } from '../base/builtins.js';
import { requireLate, whenLoadable } from '../base/instance.js';
import { containerOf } from '../suspension/containment.js';
import type { Context } from '../suspension/context.js';
import { parkedOnCarriers } from '../suspension/suspension.js';

const process = builtin<typeof import('node:process')>('process');
// A program may have put its own in the place of process.on().
const { on } = builtin<typeof import('node:events')>('events').EventEmitter.prototype;
const fs = builtin<typeof import('node:fs')>('fs');
const { performance } = builtin<typeof import('node:perf_hooks')>('perf_hooks');
const unsettled = 13;

// Of a program that does not import aevent nothing has loaded what prints: it is loaded when there is something to print.
const dumpFile = 'runtime/observing/parked.js';
const loadedDump: typeof describeParked = (contexts) =>
  requireLate<{ printParked: typeof describeParked }>(dumpFile).printParked(contexts);
let dump = loadedDump;

/** Says who prints parked tasks. */
export function dumpWith(print: typeof describeParked): void {
  dump = print;
}

/** A dump of the parked tasks, with what each waits for and its stack; of those in `contexts` only. */
export function describeParked(contexts: (context: Context) => boolean = () => true): string {
  return dump(contexts);
}

// A Worker that is a task holds the loop, unless it was told not to.
function isStuck(context: Context): boolean {
  return containerOf(context) === undefined;
}

/** How often the event loop has turned. */
const turnsOfLoop = (): number => performance.nodeTiming.uvMetricsInfo.loopCount;

/** Watches for the end of the process. */
export function reportDeadlockAtExit(): void {
  if (dump === loadedDump) whenLoadable(dumpFile);
  let dryAt: number | undefined;
  on.call(process, 'beforeExit', () => {
    dryAt = turnsOfLoop();
  });
  on.call(process, 'exit', () => {
    // Another listener may have given the loop something to do after all.
    if (dryAt !== turnsOfLoop()) return;
    let count = 0;
    parkedOnCarriers((_, { context }) => {
      if (isStuck(context)) count++;
    });
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

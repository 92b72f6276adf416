// The task group that everything belongs to under `aevent/auto`.
import { startBackend } from '../backend/backend.js';
import { globals } from '../base/builtins.js';
import { Context, setFallbackContext } from '../suspension/context.js';
import { asRunner } from './runner.js';
import { TaskGroup } from './task-group.js';

/** Opts in everything that belongs to no task: for `aevent/auto`. The program is a runner that is never left. */
export function optInWholeProgram(): void {
  startBackend();
  const program = asRunner(new TaskGroup(undefined, uncaught));
  setFallbackContext(new Context(program.cancelScope, undefined, 'patched'));
}

function uncaught(error: unknown): void {
  globals.queueMicrotask(() => {
    throw error;
  });
}

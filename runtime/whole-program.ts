import { startBackend } from './backend.js';
import { CancelScope } from './cancel-scope.js';
import { Context, setFallbackContext } from './context.js';

/** Opts in everything that belongs to no task: for `aevent/auto`. */
export function optInWholeProgram(): void {
  startBackend();
  setFallbackContext(new Context(CancelScope.within(undefined), undefined, 'patched'));
}

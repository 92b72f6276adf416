// aevent's own callbacks belong to no task, also under aevent/auto: they are not to be seen among the tasks.
import { CancelScope } from '../cancellation/cancel-scope.js';
import { Context, ensureContext, runInContext } from '../suspension/context.js';

let context: Context | undefined;

/** Runs `fn` as code that has not opted in; callbacks that it registers are Node's. */
export function outside<T>(fn: () => T): T {
  ensureContext();
  context ??= new Context(CancelScope.within(undefined), undefined, 'outside');
  return runInContext(context, fn);
}

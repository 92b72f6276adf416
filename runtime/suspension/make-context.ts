// Contexts that somebody asks for outside of tasks, where no backend may have started yet.
import { builtin } from '../base/builtins.js';
import type { CancelScope } from '../cancellation/cancel-scope.js';
import { loadNative } from '../native/load.js';
import { Context, contextStarted, currentContext, startContext } from './context.js';

const process = builtin<typeof import('node:process')>('process');

/**
 * Has contexts be kept from now on. Usually the first task has seen to it. Where the native core can't be loaded there
 * is AsyncLocalStorage.
 */
export function ensureContext(): void {
  if (contextStarted()) return;
  try {
    startContext(process.env.AEVENT_BACKEND === 'native' ? undefined : loadNative());
  } catch {
    startContext(undefined);
  }
}

/** The current context, but inside `scope`. */
export function contextWithin(scope: CancelScope): Context {
  ensureContext();
  return currentContext()?.withScope(scope) ?? new Context(scope, undefined, 'outside');
}

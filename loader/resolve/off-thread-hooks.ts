/** The hooks of `module.register()`, in their thread: Node without `module.registerHooks()`. */
import type { InitializeHook, ResolveHook } from 'node:module';
import { inThreadOf } from './in-thread.js';
import { asksNext, choose, isRequire, noteEntry, redirect } from './redirect.js';
import type { HooksData } from './start-off-thread.js';

let data: HooksData | undefined;

/** Takes what happens to which module; the application thread goes on writing it. */
export const initialize: InitializeHook<HooksData> = (shared) => {
  data = shared;
};

/** Redirects imports of replaced builtins. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  // Another loader was registered since, and aevent's once more around that.
  if (data === undefined || data.current[0] !== data.generation) return next(specifier, context);
  noteEntry(context, data.treatments);
  if (data.inThread.includes(specifier) && !isRequire(context))
    return inThreadOf(specifier, await next(specifier, context));
  const to = redirect(specifier, context, data.treatments);
  if (to !== undefined && !asksNext(specifier, to, context)) return to;
  const found = await next(specifier, context);
  return to === undefined ? found : choose(found, to);
};

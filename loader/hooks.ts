/** The hooks of `module.register()`, in their thread: Node without `module.registerHooks()`. */
import type { InitializeHook, ResolveHook } from 'node:module';
import { asksNext, isNodes, noteEntry, redirect, type Treatments } from './redirect.js';

let treatments: Treatments = new Uint8Array();

/** Takes what happens to which module; the application thread goes on writing it. */
export const initialize: InitializeHook<Treatments> = (shared) => {
  treatments = shared;
};

/** Redirects imports of replaced builtins. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  noteEntry(context, treatments);
  const to = redirect(specifier, context, treatments);
  if (to !== undefined && !asksNext(specifier, to)) return to;
  const resolved = await next(specifier, context);
  return to !== undefined && isNodes(resolved) ? to : resolved;
};

/** The hooks of `module.register()`, in their thread: Node without `module.registerHooks()`. */
import type { InitializeHook, ResolveHook } from 'node:module';
import { type LeftAlone, redirect } from './redirect.js';

let leftAlone: LeftAlone = new Uint8Array();

/** Takes the bytes that say which modules are excluded; the application thread goes on writing them. */
export const initialize: InitializeHook<LeftAlone> = (shared) => {
  leftAlone = shared;
};

/** Redirects imports of replaced builtins. */
export const resolve: ResolveHook = async (specifier, context, next) =>
  redirect(specifier, context, leftAlone) ?? next(specifier, context);

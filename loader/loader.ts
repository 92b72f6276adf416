/**
 * `node --loader aevent/loader app.mjs`: evaluated in the hooks thread. It redirects imports, and has the entry
 * point import inject.ts before anything else, for what must be done in the application thread.
 */
import '../runtime/base/instance.js'; // first: it refuses a Node that is too old
import type { LoadHook, ResolveHook } from 'node:module';
import { entriesOf } from '../runtime/base/comma-list.js';
import { inThreadOf } from './resolve/in-thread.js';
import { asksNext, choose, isRequire, redirect } from './resolve/redirect.js';

const inject = JSON.stringify(new URL('./inject.js', import.meta.url).href);
const nothing = new Uint8Array();
const inThread = entriesOf(process.env.AEVENT_IN_THREAD);
/** The entry point, from when it is resolved until it is loaded. */
let entry: string | undefined;
/** CommonJS entry points, which are stubs in the ES module graph. */
const stubs = new Set<string>();

/** Redirects imports of replaced builtins, and notes the entry point. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  if (inThread.includes(specifier) && !isRequire(context))
    return inThreadOf(specifier, await next(specifier, context));
  const to = redirect(specifier, context, nothing);
  if (to !== undefined && !asksNext(specifier, to, context)) return to;
  const resolved = await next(specifier, context);
  if (to !== undefined) return choose(resolved, to);
  if (context.parentURL === undefined) {
    if (resolved.url.startsWith('file:')) entry = resolved.url;
  } else if (stubs.has(resolved.url)) {
    // The program imports its own entry point: it wants the module, not the stub.
    return { ...resolved, url: `${resolved.url}?main` };
  }
  return resolved;
};

/** Injects the application thread's half into the entry point. */
export const load: LoadHook = async (url, context, next) => {
  const loaded = await next(url, context);
  if (url !== entry) return loaded;
  entry = undefined;
  // Absent on Node 20, where CommonJS is left to the other loader.
  const format = loaded.format ?? 'commonjs';
  if (format.startsWith('module')) {
    return { ...loaded, source: withInject(textOf(loaded.source)), shortCircuit: true };
  }
  if (format.startsWith('commonjs')) {
    stubs.add(url);
    return { format: 'module', source: stubFor(url), shortCircuit: true };
  }
  return loaded;
};

/** On the first line, so that line numbers stay; not before a hashbang. */
function withInject(source: string): string {
  const hashbang = /^#!.*\r?\n?/.exec(source)?.[0] ?? '';
  return `${hashbang}import ${inject};${source.slice(hashbang.length)}`;
}

/** Loads a CommonJS entry point as Node does, so that `require.main === module` in it. */
function stubFor(url: string): string {
  const path = JSON.stringify(url);
  return `import ${inject};
import { Module } from 'node:module';
import { fileURLToPath } from 'node:url';
Module._load(fileURLToPath(${path}), undefined, true);`;
}

function textOf(source: unknown): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source as Uint8Array);
}

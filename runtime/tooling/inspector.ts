// Whether a debugger may be attached to the inspector. It cannot be asked, but noticed:
// - a debugger that comes from outside finds an inspector open, from the start or opened later (inspector.open(), SIGUSR1);
// - a session of node:inspector posts messages.
import { builtin } from '../base/builtins.js';
import { type AnyFunction, disguise } from '../base/disguise.js';
import { flags } from '../base/node-features.js';
import { replaceMethod } from '../base/replace-method.js';
import type { NativeBinding } from '../native/binding.js';

type Inspector = typeof import('node:inspector');

/** In a Worker the inspector has no URL: there the options of the process tell. */
const openedByOption = flags.some((flag) => /^--inspect(-brk|-wait)?(=|$)/.test(flag));

/** Hears of an inspector that is opened, and of messages to its domain Profiler. */
export interface InspectorWatch {
  /** An inspector is open: called once, at the start or, if it is opened later, soon after. */
  opened(): void;
  /** A session of this thread posts a message to the domain Profiler; `send` does it. */
  profiler(session: unknown, method: string, params: unknown, send: () => unknown): unknown;
}

/**
 * Has the native addon expect a debugger where there may be one, and tells `watch` what happens.
 * @returns empty, or why sessions cannot be watched: a debugger is expected then
 */
export function watchInspector(native: NativeBinding, watch: InspectorWatch): string {
  let inspector: Inspector;
  try {
    inspector = builtin<Inspector>('inspector');
  } catch {
    return ''; // a Node without inspector
  }
  const look = (): boolean => {
    if (!openedByOption && inspector.url() === undefined) return false;
    native.expectDebugger();
    watch.opened();
    return true;
  };
  if (!look()) native.lookNowAndThen(look);
  const failure = watchAll(inspector, native, watch);
  if (failure !== '') native.expectDebugger();
  return failure;
}

function watchAll(inspector: Inspector, native: NativeBinding, watch: InspectorWatch): string {
  try {
    // That of inspector/promises has promisified the other one's post().
    const { Session } = builtin<{ Session: Inspector['Session'] }>('inspector/promises');
    const both = [inspector.Session.prototype, Session.prototype];
    if (both.map((prototype) => watchSessions(prototype, native, watch)).every(Boolean)) return '';
  } catch {
    // Node cannot load the second one where the first one's prototype is frozen.
  }
  return 'Session.prototype of node:inspector is frozen, so post() cannot be replaced';
}

function watchSessions(prototype: object, native: NativeBinding, watch: InspectorWatch): boolean {
  const original = Reflect.get(prototype, 'post') as AnyFunction | undefined;
  if (original === undefined) return true;
  const value = disguise(original, (session, args) => {
    const [method, params] = args;
    const send = (): unknown => Reflect.apply(original, session, args as never);
    if (typeof method !== 'string') return send();
    if (method.startsWith('Debugger.')) native.expectDebugger();
    return method.startsWith('Profiler.') ? watch.profiler(session, method, params, send) : send();
  });
  return replaceMethod(prototype, 'post', value);
}

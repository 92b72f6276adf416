// Who may be attached to the inspector. It cannot be asked, but noticed:
// - whoever comes from outside finds an inspector open, from the start or opened later (inspector.open(), SIGUSR1);
// - a session of node:inspector posts messages.
import { builtin } from './builtins.js';
import type { NativeBinding } from './native/binding.js';
import { flags } from './node-features.js';
import { type AnyFunction, disguise } from './patch.js';

type Inspector = typeof import('node:inspector');

/** In a Worker the inspector has no URL: there the options of the process tell. */
const openedByOption = flags.some((flag) => /^--inspect(-brk|-wait)?(=|$)/.test(flag));

/** Who wants to hear of it. */
export interface InspectorWatch {
  /** An inspector is open: called once, at the start or, if it is opened later, soon after. */
  opened(): void;
  /** A session of this thread posts a message to the domain Profiler; `send` does it. */
  profiler(session: unknown, method: string, params: unknown, send: () => unknown): unknown;
}

/** Has the native core expect a debugger where there may be one, and tells `watch` what happens. */
export function watchInspector(native: NativeBinding, watch: InspectorWatch): void {
  let inspector: Inspector;
  try {
    inspector = builtin<Inspector>('inspector');
  } catch {
    return; // a Node without inspector
  }
  const look = (): boolean => {
    if (!openedByOption && inspector.url() === undefined) return false;
    native.expectDebugger();
    watch.opened();
    return true;
  };
  if (!look()) native.lookNowAndThen(look);
  watchSessions(inspector.Session.prototype, native, watch);
  // It has promisified the other one's post().
  watchSessions(
    builtin<{ Session: Inspector['Session'] }>('inspector/promises').Session.prototype,
    native,
    watch,
  );
}

function watchSessions(prototype: object, native: NativeBinding, watch: InspectorWatch): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'post');
  const original = descriptor?.value as AnyFunction | undefined;
  if (original === undefined) return;
  const value = disguise(original, (session, args) => {
    const [method, params] = args;
    const send = (): unknown => Reflect.apply(original, session, args as never);
    if (typeof method !== 'string') return send();
    if (method.startsWith('Debugger.')) native.expectDebugger();
    return method.startsWith('Profiler.') ? watch.profiler(session, method, params, send) : send();
  });
  Object.defineProperty(prototype, 'post', { ...descriptor, value });
}

// Who may be attached to the inspector. It cannot be asked, but noticed:
// - whoever comes from outside finds an inspector open, from the start or opened later (inspector.open(), SIGUSR1);
// - a session of node:inspector posts messages.
import { builtin } from './builtins.js';
import type { NativeBinding } from './native/binding.js';
import { flags } from './node-features.js';

type Inspector = typeof import('node:inspector');
type Post = (this: unknown, method: string, ...rest: unknown[]) => unknown;

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
  let isOpen = false;
  const look = (): void => {
    // In a Worker it has no URL: there the options of the process tell.
    isOpen ||=
      inspector.url() !== undefined || flags.some((flag) => /^--inspect(-brk|-wait)?(=|$)/.test(flag));
    if (!isOpen) return;
    native.expectDebugger();
    watch.opened();
  };
  look();
  if (!isOpen) native.watchDebugger(look);
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
  const original = descriptor?.value as Post | undefined;
  if (original === undefined) return;
  const post: Post = function (method, ...rest) {
    const send = (): unknown => Reflect.apply(original, this, [method, ...rest]);
    if (typeof method === 'string') {
      if (method.startsWith('Debugger.')) native.expectDebugger();
      if (method.startsWith('Profiler.')) return watch.profiler(this, method, rest[0], send);
    }
    return send();
  };
  Object.defineProperty(prototype, 'post', { ...descriptor, value: Object.assign(post, original) });
  Object.defineProperty(post, 'name', { value: original.name, configurable: true });
  Object.defineProperty(post, 'length', { value: original.length, configurable: true });
}

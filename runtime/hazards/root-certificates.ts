// Node 24 and later keep the store of root certificates in a thread_local, of which each carrier of the thread backend has
// its own. A second store for one Environment ends the process: "Assertion failed: (insertion_info.second) == (true)", in
// CleanupQueue::Add(). So it is made, and looked up, on the main stack. Guarded by test/runtime/hazards/root-certificates.test.ts.
import { builtin } from '../base/builtins.js';
import type { AnyFunction } from '../base/disguise.js';
import { wholeTls } from '../base/whole-tls.js';
import { onMain } from './on-main-stack.js';

/** The methods of Node's native contexts that look at the store. */
const NAMES = ['addCACert', 'addCRL', 'addRootCerts', 'loadPKCS12'] as const;

let kept = false;

/** Has contexts of TLS take the root certificates on the main stack, whichever code makes them. Loads `tls`. */
export function keepRootCertificatesOnMain(): void {
  if (kept) return;
  kept = true;
  // With authorities of its own, a context has no use for the store.
  const { context } = wholeTls().createSecureContext({ ca: [] });
  const native = Object.getPrototypeOf(context) as Record<string, AnyFunction>;
  for (const name of NAMES) native[name] = onMain(native[name] as AnyFunction);
}

/** The same for what loads Node's `tls` by itself: `fetch()`, and modules that were loaded before aevent. */
export function watchForTls(): void {
  const { moduleLoadList } = process as unknown as { moduleLoadList: string[] };
  if (moduleLoadList.includes('NativeModule tls')) keepRootCertificatesOnMain();
  if (kept) return;
  const { subscribe, unsubscribe } =
    builtin<typeof import('node:diagnostics_channel')>('diagnostics_channel');
  const connects = (message: unknown): void => {
    if ((message as { connectParams?: { protocol?: string } }).connectParams?.protocol !== 'https:') return;
    unsubscribe(CONNECTS, connects);
    keepRootCertificatesOnMain();
  };
  subscribe(CONNECTS, connects);
}

const CONNECTS = 'undici:client:beforeConnect';

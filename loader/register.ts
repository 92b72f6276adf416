/**
 * `node --import aevent/register app.mjs`, `node -r aevent/register app.cjs`, or either in NODE_OPTIONS: what the
 * program imports and requires are aevent's modules. No top-level await: `-r` could not load it.
 */
import { openElsewhere, requireOwn } from '../runtime/base/instance.js';
import { besideHooksThread, requiresEsm, warnOfNoRequire } from './resolve/start-off-thread.js';

if (!openElsewhere('./register', import.meta.url)) {
  if (!requiresEsm) warnOfNoRequire();
  else {
    // Not imported: it would be read before the hooks thread could be started.
    besideHooksThread(() => {
      requireOwn<typeof import('./install.js')>(new URL('./install.js', import.meta.url)).install('register');
    });
  }
}

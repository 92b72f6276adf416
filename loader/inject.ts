/** The application thread's half of `--loader aevent/loader`: the entry point imports it. */
import { openElsewhere, requireOwn } from '../runtime/base/instance.js';
import { requiresEsm, warnOfNoRequire } from './resolve/start-off-thread.js';

type Install = typeof import('./install.js');

// The hooks thread of a later copy redirects imports to doors to the first one. No top-level await: what the entry
// point imports besides would not wait for it.
if (!openElsewhere('./register', import.meta.url)) {
  if (!requiresEsm) warnOfNoRequire();
  else requireOwn<Install>(new URL('./install.js', import.meta.url)).install('loader').hasLoaderThread = true;
}

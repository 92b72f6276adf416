/**
 * `node --import aevent/register app.mjs`, `node -r aevent/register app.cjs`, or either in NODE_OPTIONS: what the
 * program imports and requires are aevent's modules. No top-level await: `-r` could not load it.
 */
import { besideHooksThread, requiresEsm, warnOfNoRequire } from './hooks-thread.js';

const { createRequire } = process.getBuiltinModule('node:module');

if (!requiresEsm) warnOfNoRequire();
else {
  // Not imported: it would be read before the hooks thread could be started.
  besideHooksThread(() => {
    (createRequire(import.meta.url)('./install.js') as typeof import('./install.js')).install();
  });
}

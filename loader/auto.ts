/**
 * `node --import aevent/auto app.mjs`: the whole program may suspend, its top level included. (`-r aevent/auto`
 * opens auto-commonjs.ts instead, by the package's export conditions.)
 */
import { openElsewhere } from '../runtime/base/instance.js';

// Not imported at once: of a later copy of aevent nothing is evaluated.
if (!openElsewhere('./auto', import.meta.url)) await import('./opt-in.js');
// Since Node 22 the entry point is evaluated in the same run of the microtask queue as this module, and a run that
// began before the pump was there stays on the main stack. A tick ends it.
await new Promise<void>((resolve) => process.nextTick(resolve));

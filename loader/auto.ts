/**
 * `node --import aevent/auto app.mjs`: the whole program may suspend, its top level included. (`-r aevent/auto`
 * loads auto-require.ts instead, by the package's export conditions.)
 */
import { globals } from '../runtime/builtins.js';
import { optInWholeProgram } from '../runtime/whole-program.js';
import { guardImports } from './es-evaluation.js';
import { install } from './install.js';

install();
optInWholeProgram();
guardImports();
// Since Node 22 the entry point is evaluated in the same run of the microtask queue as this module, and a run that
// began before the pump was there stays on the main stack. A tick ends it.
await new Promise<void>((resolve) => globals.nextTick(resolve));

/**
 * `node -r aevent/auto app.cjs`: the whole program may suspend, its top level included. Node evaluates a CommonJS
 * entry point on the main stack here, so it is entered as a callback is; an ES module's turn comes in a microtask.
 */
import { inTask } from '../runtime/callbacks.js';
import { optInWholeProgram } from '../runtime/whole-program.js';
import { guardImports } from './es-evaluation.js';
import { evaluateEntryIn } from './evaluation.js';
import { install } from './install.js';

install();
optInWholeProgram();
guardImports();
evaluateEntryIn((evaluate) => inTask(evaluate)());

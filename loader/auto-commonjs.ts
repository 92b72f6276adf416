/**
 * `node -r aevent/auto app.cjs`: the whole program may suspend, its top level included. Node evaluates a CommonJS
 * entry point on the main stack here, so it is entered as a callback is; an ES module's turn comes in a microtask.
 */
import './opt-in.js';
import { inTask } from '../runtime/suspension/in-task.js';
import { evaluateEntryIn } from './evaluate/required-modules.js';

evaluateEntryIn((evaluate) => inTask(evaluate)());

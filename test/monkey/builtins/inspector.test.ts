// Calls in code that V8 runs while no microtask may run (runtime/suspension/portal.ts): they block, as in plain Node.
import { testAsPlainly } from '../as-plainly.js';

await testAsPlainly('What an inspector evaluates may make synchronous calls', [['evaluated.mjs']]);

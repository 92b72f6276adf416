// monkey/builtins/process/turns.ts, error-events.ts and late-events.ts.
import { testAsPlainly } from '../../as-plainly.js';

await testAsPlainly('listeners of process that wait are called one after the other, as in plain Node', [
  ['process-turns.mjs'],
]);

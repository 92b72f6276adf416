// runtime/suspension/tick-queue.ts: ticks come before microtasks where a callback has been suspended, too.
import { testAsPlainly } from './as-plainly.js';

await testAsPlainly('what a callback leaves after a synchronous call comes in the order of plain Node', [
  ['after-a-call.mjs'],
]);

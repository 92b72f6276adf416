// runtime/suspension/caller-scope.ts: streams that flow again after a listener has blocked.
import { testAsPlainly } from './as-plainly.js';

await testAsPlainly('a stream emits in the stores of the code that brings what it emits', [
  ['stores-of-streams.mjs'],
]);

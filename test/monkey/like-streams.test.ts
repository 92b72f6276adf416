// monkey/kit/stopped-streams.ts: only streams are stopped.
import { testAsPlainly } from './as-plainly.js';

await testAsPlainly('an emitter of the program with the methods of a stream has none of them called', [
  ['like-streams.mjs'],
]);

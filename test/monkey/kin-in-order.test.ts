// monkey/kit/kin.ts: emitters that have their events from one another.
import { testAsPlainly } from './as-plainly.js';

await testAsPlainly('what comes by another emitter does not overtake its events', [
  ['kin-in-order.mjs'],
  ['cluster-in-order.mjs'],
]);

// monkey/kit/port-delivery.ts and event-in-dispatch.ts.
import { testAsPlainly } from '../../as-plainly.js';

await testAsPlainly('listeners of ports that wait find what plain Node has for them', [
  ['ports-in-order.mjs'],
]);

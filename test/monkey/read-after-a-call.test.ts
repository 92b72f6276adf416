// monkey/kit/stopped-streams.ts: a stream whose listener is suspended does not go on, so its bytes are where plain Node has them.
import { testAsPlainly } from './as-plainly.js';
import { LONG_HUNG_MS } from './fixture.js';

await testAsPlainly(
  'what is read after a synchronous call in a listener is what plain Node reads',
  [['read-after-a-call.mjs']],
  LONG_HUNG_MS,
);

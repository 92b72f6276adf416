import { testAsPlainly } from './as-plainly.js';
import { LONG_HUNG_MS } from './fixture.js';

/** AEVENT_SEED=… AEVENT_PROGRAMS=… for others. */
const { AEVENT_SEED: seed = '1', AEVENT_PROGRAMS: programs = '24' } = process.env;

await testAsPlainly(
  `random programs that listen to their emitters later see what they see plainly (AEVENT_SEED=${seed})`,
  [['random-emitters.mjs', seed, programs]],
  LONG_HUNG_MS,
);

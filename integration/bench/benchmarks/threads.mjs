// Packages that compute in one go, ten calls at once, by aevent.inThread() and aevent.toThread().
import { atLeast } from '../criteria.mjs';

/** Two processors, less the time that starting and collecting take. */
const LEAST_PROCESSORS = 1.5;

/** How many processors ten calls at once of bcrypt, @swc/core, prettier and sharp use: their CPU time by the time that they took. */
export async function measure(lab) {
  const seen = await lab.ask('threads.mjs');
  const all = Object.entries(seen);
  return {
    measured: all.flatMap(([what, { ms, processors }]) => [
      { what: `ten at once, ${what}`, value: ms, unit: 'ms' },
      { what: `processors used, ${what}`, value: processors, unit: '' },
    ]),
    criteria: all.map(([what, { processors }]) =>
      atLeast(`processors that ten calls at once use, ${what}`, processors, LEAST_PROCESSORS, ''),
    ),
  };
}

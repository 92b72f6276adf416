// The memory and time that parked tasks take.
import { atLeast, atMost } from '../criteria.mjs';

const COUNTS = [1_000, 20_000, 100_000];
/** For fewer what the process has for itself counts. */
const MANY = 20_000;

/** Measures the costs of a task that is parked at call depth 20. */
export async function measure(lab) {
  const measured = [];
  const criteria = [];
  for (const count of COUNTS) {
    const args = [String(count)];
    const parked = await lab.ask('parked.mjs', { flags: ['--expose-gc'], args });
    const native = await lab.ask('parked-natively.mjs', { flags: ['--expose-gc'], args });
    const of = `${count.toLocaleString('en')} parked tasks`;
    measured.push(
      { what: `${of}, each`, value: parked.bytes / 1024, unit: 'KB' },
      { what: `${of}, page tables of each`, value: parked.pageTableBytes / 1024, unit: 'KB' },
      { what: `${of}, mappings of each`, value: parked.mappings, unit: '' },
      { what: `${of}, start of each on a new stack`, value: parked.startUs, unit: 'µs of CPU' },
      { what: `${of}, start of each on a used stack`, value: parked.warmStartUs, unit: 'µs of CPU' },
      { what: `${of}, wake and end of each`, value: parked.endUs, unit: 'µs of CPU' },
      { what: `${of}, left of each when they have ended`, value: parked.leftBytes / 1024, unit: 'KB' },
      { what: `${of} of native awaits, each`, value: native.bytes / 1024, unit: 'KB' },
    );
    criteria.push(
      atLeast(`${of} end, woken in random order`, parked.ended, count, 'tasks'),
      atLeast(`${of} are cancelled at once`, parked.cancelled, count, 'tasks'),
    );
    if (count < MANY) continue;
    criteria.push(
      atMost(`memory of one of ${of}, call depth 20`, parked.bytes / 1024, 16, 'KB'),
      atMost(`page tables of one of ${of}`, parked.pageTableBytes / 1024, 2.5, 'KB'),
      atMost(`start of one of ${of} on a new stack`, parked.startUs, 60, 'µs of CPU'),
      atMost(`start of one of ${of} on a used stack`, parked.warmStartUs, 15, 'µs of CPU'),
      atMost(`wake and end of one of ${of}`, parked.endUs, 10, 'µs of CPU'),
    );
  }
  return { measured, criteria };
}

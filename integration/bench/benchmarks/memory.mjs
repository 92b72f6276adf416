// The memory and time that parked tasks take.
import { atLeast, atMost } from '../criteria.mjs';

const COUNTS = [1_000, 20_000];

/** What a task costs that is parked at call depth 20. */
export async function measure(lab) {
  const measured = [];
  const criteria = [];
  for (const count of COUNTS) {
    const args = [String(count)];
    const parked = await lab.ask('parked.mjs', { flags: ['--expose-gc'], args });
    const native = await lab.ask('parked-natively.mjs', { flags: ['--expose-gc'], args });
    const kilobytes = parked.bytes / 1024;
    const of = `${count.toLocaleString('en')} parked tasks`;
    measured.push(
      { what: `${of}, each`, value: kilobytes, unit: 'KB' },
      { what: `${of}, started and parked in`, value: parked.startMs, unit: 'ms' },
      { what: `${of}, woken and ended in`, value: parked.endMs, unit: 'ms' },
      { what: `${of} of native awaits, each`, value: native.bytes / 1024, unit: 'KB' },
    );
    criteria.push(
      atMost(
        `memory of a task parked at call depth 20, of ${count.toLocaleString('en')}`,
        kilobytes,
        24,
        'KB',
      ),
      atLeast(`${of} end`, parked.ended, count, 'tasks'),
    );
  }
  return { measured, criteria };
}

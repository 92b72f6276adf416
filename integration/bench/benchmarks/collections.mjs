// Collections beside tasks that are parked for long.
import { atLeast, atMost } from '../criteria.mjs';

const MOST_MINOR = { 1000: 2, 10000: 2, 100000: 5 };
const MOST_ALLOCATING = 1.1;

/** Measures how much dearer long-parked tasks make a minor collection, code that allocates, and a full collection. */
export async function measure(lab) {
  const measured = [];
  const criteria = [];
  for (const [text, most] of Object.entries(MOST_MINOR)) {
    const count = Number(text);
    const { parked, firstMs, before, beside } = await lab.ask('collections.mjs', {
      flags: ['--expose-gc'],
      args: [text],
    });
    const of = `${count.toLocaleString('en')} parked`;
    if (measured.length === 0) {
      measured.push(
        { what: 'minor collection, none parked', value: before.minorMs, unit: 'ms' },
        { what: 'full collection, none parked', value: before.fullMs, unit: 'ms' },
      );
    }
    measured.push(
      { what: `minor collection, ${of}`, value: beside.minorMs, unit: 'ms' },
      { what: `the first one, ${of}`, value: firstMs, unit: 'ms' },
      {
        what: `full collection, ${of}, for each`,
        value: ((beside.fullMs - before.fullMs) * 1000) / parked,
        unit: 'µs',
      },
    );
    criteria.push(
      atLeast(`tasks that park, of ${count.toLocaleString('en')}`, parked, count, 'tasks'),
      atMost(`minor collection, ${of}, against none`, beside.minorMs / before.minorMs, most, '×'),
      atMost(
        `a loop that allocates, ${of}, against none`,
        beside.allocatingMs / before.allocatingMs,
        MOST_ALLOCATING,
        '×',
      ),
    );
  }
  return { measured, criteria };
}

// The start of a Worker.
import { atLeast } from '../criteria.mjs';

/** From `new Worker()` to its first message: a thread under aevent, and a task. */
export async function measure(lab) {
  const times = await lab.ask('worker.mjs', { flags: ['--import', 'aevent/register'] });
  const measured = Object.entries(times).map(([what, { median, best }]) => ({
    what: `new Worker() to its first message, ${what}`,
    value: median,
    best,
    unit: 'ms',
  }));
  const ratio = times['a thread'].median / times['a task'].median;
  return {
    measured,
    criteria: [atLeast('a Worker that is a task starts faster than a thread', ratio, 20, '×')],
  };
}

// Pages that are computed: sliced, not sliced, and in a pool of threads.
import { atLeast, atMost } from '../criteria.mjs';

const SLICE_MS = 5;

/** Pages of Markdown: in a task, in tasks that are sliced, and in a pool of threads. */
export async function measure(lab) {
  const { pages, gaps } = await lab.ask('computing.mjs');
  const measured = Object.entries(pages).flatMap(([how, { median, min }]) => [
    { what: `a page of Markdown, ${how}`, value: median / 1e6, best: min / 1e6, unit: 'ms' },
    { what: `the longest gap meanwhile, ${how}`, value: gaps[how], unit: 'ms' },
  ]);
  return {
    measured,
    criteria: [
      atLeast(
        'throughput of computing that is sliced, against not sliced',
        (100 * pages['not sliced'].median) / pages.sliced.median,
        99,
        '%',
      ),
      atMost('gap while ten tasks compute that are sliced', gaps.sliced, 3 * SLICE_MS, 'ms'),
    ],
  };
}

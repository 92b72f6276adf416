// The start and the end of a task.
import { atMost } from '../criteria.mjs';

/** A task that does nothing, and one that suspends once, on carriers that the pool has. */
export async function measure(lab) {
  const measured = await lab.ask('task.mjs');
  const us = (name) => measured[name].median / 1000;
  return {
    measured: Object.entries(measured).map(([what, { median, min }]) => ({
      what,
      value: median / 1000,
      best: min / 1000,
      unit: 'µs',
    })),
    criteria: [
      atMost('start + finish of a pooled task, `call`', us('call'), 0.3, 'µs'),
      atMost('the same, `spawn`', us('spawn, 100 in a group'), 3, 'µs'),
    ],
  };
}

import { atMost } from '../criteria.mjs';
import { geventFigures } from '../gevent.mjs';

/** Spawning into a task group and waiting for its end, beside gevent's Group. */
export async function measure(lab) {
  const ours = await lab.ask('task-group.mjs');
  const theirs = geventFigures();
  const lines = Object.entries(ours).flatMap(([what, { median, min }]) => {
    const peer = theirs?.[what];
    const line = (who, value) => ({
      what: `${what}${who}`,
      value: value.median / 1000,
      best: value.min / 1000,
      unit: 'µs',
    });
    return [line('', { median, min }), ...(peer === undefined ? [] : [line(', gevent', peer)])];
  });
  const what = 'task group spawn + join, 100 in a group';
  return { measured: lines, criteria: [atMost(what, ours[what].median / 1000, 5, 'µs')] };
}

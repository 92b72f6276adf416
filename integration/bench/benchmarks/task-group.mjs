// Task groups.
import { atMost } from '../criteria.mjs';
import { besideGevent } from '../gevent.mjs';

/** Spawning into a task group and waiting for its end, beside gevent's Group. */
export async function measure(lab) {
  const ours = await lab.ask('task-group.mjs');
  const what = 'task group spawn + join, 100 in a group';
  return { measured: besideGevent(ours), criteria: [atMost(what, ours[what].median / 1000, 5, 'µs')] };
}

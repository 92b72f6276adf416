// An inventory of this process: compared before and after.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import aevent from 'aevent';

const MB = 1024 * 1024;

function descriptors() {
  const kinds = {};
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      const kind = readlinkSync(`/proc/self/fd/${fd}`).replace(/:?\[.*/, '');
      kinds[kind] = (kinds[kind] ?? 0) + 1;
    } catch {
      // That was the one that the directory was read by.
    }
  }
  return kinds;
}

/** Megabytes of memory, open things by kind, threads that are no carriers, tasks. */
export function inventory() {
  const { backend, carriers, tasks } = aevent.info();
  const handles = {};
  for (const name of process.getActiveResourcesInfo()) handles[name] = (handles[name] ?? 0) + 1;
  const threads = Number(/Threads:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  return {
    rssMb: process.memoryUsage().rss / MB,
    descriptors: descriptors(),
    handles,
    threads: threads - (backend === 'thread' ? carriers.made : 0),
    carriers: carriers.made,
    parked: tasks.parked,
    live: tasks.live,
  };
}

/** Names the things of which there are more than before, as `name (before → after)`. */
export function grown(before, after) {
  return Object.keys(after)
    .filter((name) => after[name] > (before[name] ?? 0))
    .map((name) => `${name} (${before[name] ?? 0} → ${after[name]})`);
}

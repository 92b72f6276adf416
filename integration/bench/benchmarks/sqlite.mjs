// An Express server over better-sqlite3 in threads.
import { atLeast, atMost } from '../criteria.mjs';
import { median } from '../interleave.mjs';
import { Lab } from '../lab.mjs';

const CONNECTIONS = 20;
const ROUNDS = 3;
const SECONDS = 2;
/** V8 has compiled what a server does after some seconds, and it runs for days. */
const WARM_UPS = 3;
/** better-sqlite3 has no core for an older one. */
const LEAST_NODE = 22;

/**
 * An unmodified Express server over better-sqlite3, whose queries AEVENT_IN_THREAD has in threads, beside the same server with
 * Workers that are written by hand, and beside itself without aevent: point queries alone, and while a report is asked for again and
 * again.
 */
export async function measure(lab, major) {
  if (major < LEAST_NODE) return { measured: [], criteria: [] };
  const client = new Lab(process.execPath);
  const load = async ({ url }, ...more) =>
    client.ask('sqlite-load.mjs', { args: [url, CONNECTIONS, SECONDS, ...more] });
  const aevent = {
    flags: ['--import', 'aevent/auto'],
    env: { AEVENT_IN_THREAD: 'better-sqlite3', AEVENT_WARN: '0' },
  };
  const servers = {
    'in threads': await lab.serve('sqlite-server.mjs', aevent),
    Workers: await lab.serve('sqlite-server-worker.mjs'),
    'in process': await lab.serve('sqlite-server.mjs'),
  };
  const names = Object.keys(servers);
  const seen = Object.fromEntries(names.map((name) => [name, { alone: [], cpu: [], p99: [], gap: [] }]));
  try {
    for (let round = 0; round < WARM_UPS; round++) for (const name of names) await load(servers[name]);
    for (let round = 0; round < ROUNDS; round++) {
      for (const name of names) {
        const alone = await load(servers[name]);
        seen[name].alone.push(alone.perSecond);
        seen[name].cpu.push(alone.cpuUs);
        const { p99, gap } = await load(servers[name], 'report');
        seen[name].p99.push(p99);
        seen[name].gap.push(gap.p99);
      }
    }
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.close()));
  }
  const of = (name, what) => median(seen[name][what]);
  const measured = names.flatMap((name) => [
    { what: `point queries, ${name}`, value: of(name, 'alone'), unit: 'req/s' },
    { what: `processor's time for each, ${name}`, value: of(name, 'cpu'), unit: 'µs' },
    { what: `their p99 beside a report, ${name}`, value: of(name, 'p99'), unit: 'ms' },
    { what: `the loop's gap then (p99), ${name}`, value: of(name, 'gap'), unit: 'ms' },
  ]);
  const ratio = (what, one, other) => of(one, what) / of(other, what);
  return {
    measured,
    criteria: [
      atLeast(
        'point queries in threads against Workers',
        100 * ratio('alone', 'in threads', 'Workers'),
        70,
        '%',
      ),
      atMost(
        'p99 beside a report, in threads against Workers',
        ratio('p99', 'in threads', 'Workers'),
        1.2,
        '×',
      ),
      atMost('gap of the loop beside a report, in threads', of('in threads', 'gap'), 10, 'ms'),
    ],
  };
}

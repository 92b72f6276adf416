import { atLeast } from '../criteria.mjs';
import { median } from '../interleave.mjs';
import { loadInTurns } from '../lab.mjs';

/** A server whose handler sleeps 5 ms: synchronously under aevent, and written with async/await. */
export async function measure(lab) {
  const servers = [
    await lab.serve('sleep-server.mjs', { flags: ['--import', 'aevent/register'] }),
    await lab.serve('sleep-server-async.mjs'),
  ];
  try {
    const samples = await loadInTurns(servers, { connections: 100, seconds: 2, rounds: 5 });
    const [ours, native] = samples.map(median);
    return {
      measured: [
        { what: 'sleepSync(5) in a task', value: ours, unit: 'req/s' },
        { what: 'await setTimeout(5)', value: native, unit: 'req/s' },
      ],
      criteria: [atLeast('http, 5 ms of synchronous sleep against await', (100 * ours) / native, 95, '%')],
    };
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}

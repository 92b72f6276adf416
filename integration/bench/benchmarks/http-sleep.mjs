import { atLeast } from '../criteria.mjs';
import { compare } from '../lab.mjs';

/** A server whose handler sleeps 5 ms: synchronously under aevent, and written with async/await. */
export async function measure(lab) {
  const servers = [
    await lab.serve('sleep-server.mjs', { flags: ['--import', 'aevent/register'] }),
    await lab.serve('sleep-server-async.mjs'),
  ];
  try {
    const { a, b, ratio } = await compare(servers, { connections: 100, seconds: 1, rounds: 6 });
    return {
      measured: [
        { what: 'sleepSync(5) in a task', ...a },
        { what: 'await setTimeout(5)', ...b },
      ],
      criteria: [atLeast('http, 5 ms of synchronous sleep against await', 100 * ratio, 95, '%')],
    };
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}

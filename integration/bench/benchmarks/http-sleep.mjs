import { atLeast } from '../criteria.mjs';
import { compare } from '../lab.mjs';

/** A server whose handler sleeps 5 ms: synchronously under aevent, and written with async/await. */
export async function measure(lab) {
  const { a, b, ratio } = await compare(
    [
      () => lab.serve('sleep-server.mjs', { flags: ['--import', 'aevent/register'] }),
      () => lab.serve('sleep-server-async.mjs'),
    ],
    { connections: 100 },
  );
  return {
    measured: [
      { what: 'sleepSync(5) in a task', ...a },
      { what: 'await setTimeout(5)', ...b },
    ],
    criteria: [atLeast('http, 5 ms of synchronous sleep against await', 100 * ratio, 95, '%')],
  };
}

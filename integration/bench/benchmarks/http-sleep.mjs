// An http server whose handler sleeps.
import { atLeast } from '../criteria.mjs';
import { compare } from '../lab.mjs';

/** A server whose handler sleeps 5 ms: synchronously under aevent, and written with async/await. */
export async function measure(lab) {
  const { measured, ratio } = await compare([
    {
      what: 'sleepSync(5) in a task',
      start: () => lab.serve('sleep-server.mjs', { flags: ['--import', 'aevent/register'] }),
    },
    { what: 'await setTimeout(5)', start: () => lab.serve('sleep-server-async.mjs') },
  ]);
  return {
    measured,
    criteria: [atLeast('http, 5 ms of `sleepSync` a request, against async/await', 100 * ratio, 95, '%')],
  };
}

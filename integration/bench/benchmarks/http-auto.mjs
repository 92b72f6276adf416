// An http server under aevent/auto whose handler never suspends.
import { atLeast } from '../criteria.mjs';
import { compare } from '../lab.mjs';

/** The same server, whose handler never suspends, with all its callbacks in tasks and without aevent. */
export async function measure(lab) {
  const { measured, ratio } = await compare([
    {
      what: 'hello world under aevent/auto',
      start: () => lab.serve('hello-server.mjs', { flags: ['--import', 'aevent/auto'] }),
    },
    { what: 'hello world', start: () => lab.serve('hello-server.mjs') },
  ]);
  return { measured, criteria: [atLeast('evented http under aevent/auto', 100 * ratio, 90, '%')] };
}

import { atLeast } from '../criteria.mjs';
import { compare } from '../lab.mjs';

/** The same server, whose handler never suspends, with all its callbacks in tasks and without aevent. */
export async function measure(lab) {
  const { a, b, ratio } = await compare(
    [
      () => lab.serve('hello-server.mjs', { flags: ['--import', 'aevent/auto'] }),
      () => lab.serve('hello-server.mjs'),
    ],
    { connections: 100 },
  );
  return {
    measured: [
      { what: 'hello world under aevent/auto', ...a },
      { what: 'hello world', ...b },
    ],
    criteria: [atLeast('evented http under aevent/auto', 100 * ratio, 90, '%')],
  };
}

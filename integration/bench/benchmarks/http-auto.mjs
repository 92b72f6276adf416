import { atLeast } from '../criteria.mjs';
import { compare } from '../lab.mjs';

/** The same server, whose handler never suspends, with all its callbacks in tasks and without aevent. */
export async function measure(lab) {
  const servers = [
    await lab.serve('hello-server.mjs', { flags: ['--import', 'aevent/auto'] }),
    await lab.serve('hello-server.mjs'),
  ];
  try {
    const { a, b, ratio } = await compare(servers, { connections: 100, seconds: 1, rounds: 6 });
    return {
      measured: [
        { what: 'hello world under aevent/auto', ...a },
        { what: 'hello world', ...b },
      ],
      criteria: [atLeast('evented http under aevent/auto', 100 * ratio, 90, '%')],
    };
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}

import { atLeast } from '../criteria.mjs';
import { compare } from '../lab.mjs';

/** The same server, which uses no task, with and without aevent. */
export async function measure(lab) {
  const servers = [
    await lab.serve('hello-server.mjs', { flags: ['--import', 'aevent/register'] }),
    await lab.serve('hello-server.mjs'),
  ];
  try {
    const { a, b, ratio } = await compare(servers, { connections: 100, seconds: 1, rounds: 8 });
    return {
      measured: [
        { what: 'hello world under aevent/register', ...a },
        { what: 'hello world', ...b },
      ],
      criteria: [atLeast('http that uses no task, under aevent/register', 100 * ratio, 97, '%')],
    };
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}

import { atLeast } from '../criteria.mjs';
import { compare } from '../lab.mjs';

/** The same server, which uses no task, with and without aevent. */
export async function measure(lab) {
  const { a, b, ratio } = await compare(
    [
      () => lab.serve('hello-server.mjs', { flags: ['--import', 'aevent/register'] }),
      () => lab.serve('hello-server.mjs'),
    ],
    { connections: 100 },
  );
  return {
    measured: [
      { what: 'hello world under aevent/register', ...a },
      { what: 'hello world', ...b },
    ],
    criteria: [atLeast('http that uses no task, under aevent/register', 100 * ratio, 97, '%')],
  };
}

// An http server under aevent/register that uses no task.
import { atLeast } from '../criteria.mjs';
import { compare } from '../lab.mjs';

/** The same server, which uses no task, with and without aevent. */
export async function measure(lab) {
  const { measured, ratio } = await compare([
    {
      what: 'hello world under aevent/register',
      start: () => lab.serve('hello-server.mjs', { flags: ['--import', 'aevent/register'] }),
    },
    { what: 'hello world', start: () => lab.serve('hello-server.mjs') },
  ]);
  return {
    measured,
    criteria: [
      atLeast(
        'hello world that uses no task, under `aevent/register`, against plain Node',
        100 * ratio,
        97,
        '%',
      ),
    ],
  };
}

// Long forms of tests of the suite: how programs end, and Workers that end with parked tasks, a hundred rounds.
import { join } from 'node:path';
import { runCommand, runVitest } from '../support/vitest-run.mjs';

const fixtures = join(
  import.meta.dirname ?? new URL('.', import.meta.url).pathname,
  '../../test/runtime/fixtures',
);
const WORKER_ROUNDS = 100;

/** Every program of test/whole/errors.test.ts natively, in tasks and as a whole. */
export const ends = {
  name: 'ends',
  what: 'errors, exits and signals, against what Node does; async context',
  async run({ node, backend }) {
    const { passed, failed, output } = await runVitest({
      name: 'ends',
      node,
      env: { AEVENT_BACKEND: backend, AEVENT_TORTURE: '1' },
      args: ['test/whole/errors.test.ts', 'test/runtime/suspension/async-context.test.ts'],
    });
    return { cases: passed + failed, failures: failed > 0 ? [{ name: 'ends', failure: output }] : [] };
  },
};

/** Workers that are ended in every way, in one process that must not grow. */
export const workers = {
  name: 'workers',
  what: `Workers that end with parked tasks, ${WORKER_ROUNDS} rounds`,
  async run({ node, backend }) {
    const fixture = join(fixtures, 'worker-ends.mjs');
    const args = ['--import', 'aevent/register', fixture, String(WORKER_ROUNDS)];
    const env = { ...process.env, AEVENT_BACKEND: backend, TRACE: '1' };
    const { ok, how, output } = await runCommand(node, args, { env });
    const result = /^\{"ways".*$/m.exec(output)?.[0];
    if (!ok || result === undefined) {
      return { cases: 1, failures: [{ name: 'worker-ends', failure: `${how}\n${output.slice(-4000)}` }] };
    }
    const { ways, wrong, first, last } = JSON.parse(result);
    const failures = Object.entries(wrong).map(([name, times]) => ({ name, failure: `${times} times` }));
    // Carriers are kept for the next Worker, and how many are needed at once differs from round to round.
    const grown = last.fds > first.fds || last.threads > first.threads + 20 || last.maps > first.maps + 150;
    if (grown) failures.push({ name: 'leak', failure: JSON.stringify({ first, last }) });
    const left = ['threads', 'fds', 'maps'].map((what) => `${first[what]} → ${last[what]} ${what}`);
    return { cases: ways * WORKER_ROUNDS, failures, detail: left.join(', ') };
  },
};

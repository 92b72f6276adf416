// As many tasks at once as the system gives stacks for: the long form of test/runtime/native/slabs.test.ts.
import { join } from 'node:path';
import { runCommand } from '../support/vitest-run.mjs';

const fixture = join(import.meta.dirname, '../../test/runtime/fixtures/slabs.mjs');
/** A thread takes two mappings, of which the system gives 65,530, and is one of those that it allows. */
const COUNTS = { fiber: 100_000, thread: 10_000 };

/** Held, woken in random order, cancelled at once, and begun anew. */
export const many = {
  name: 'many',
  what: `${COUNTS.fiber} tasks at once (thread: ${COUNTS.thread})`,
  async run({ node, backend, flags }) {
    const count = COUNTS[backend];
    const env = { ...process.env, AEVENT_BACKEND: backend, AEVENT_WARN: '0' };
    const { ok, how, output } = await runCommand(node, [...flags, fixture, String(count)], { env });
    const line = /^\{"shared".*$/m.exec(output)?.[0];
    if (!ok || line === undefined)
      return { cases: 1, failures: [{ name: 'many', failure: `${how}\n${output.slice(-4000)}` }] };
    const { woken, cancelled, again, before, parked, left } = JSON.parse(line);
    const right = woken === count && cancelled === count && again === count;
    const detail = `${parked.all - before.all} mappings more, ${left} stacks left`;
    return { cases: 3 * count, failures: right ? [] : [{ name: 'many', failure: line }], detail };
  },
};

// Measures what a program pays for being looked at while it runs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atLeast, atMost } from '../criteria.mjs';
import { compare } from '../lab.mjs';

const TASKS = 10_000;

/** A server with a trace, and with a watch of its loop, against the same server; and tasks() of many tasks. */
export async function measure(lab) {
  const dir = mkdtempSync(join(tmpdir(), 'aevent-bench-'));
  let traces = 0;
  const server = (what, env = () => ({})) => ({
    what,
    start: () => lab.serve('sleep-server.mjs', { flags: ['--import', 'aevent/register'], env: env() }),
  });
  const unobserved = server('sleepSync(5) in a task');
  try {
    const traced = await compare([
      server('the same, traced', () => ({ AEVENT_TRACE: join(dir, `${traces++}.json`) })),
      unobserved,
    ]);
    const watched = await compare([
      server('the same, watched for what blocks', () => ({ AEVENT_DEBUG: 'blocking' })),
      unobserved,
    ]);
    const { withoutMs, withMs } = await lab.ask('tasks-of-many.mjs', { args: [String(TASKS)] });
    const of = `\`tasks()\` of ${TASKS.toLocaleString('en')} parked tasks`;
    return {
      measured: [
        ...traced.measured,
        { what: 'CPU of that without a trace, of that with one', value: 100 * traced.cpuRatio, unit: '%' },
        ...watched.measured,
        { what: 'CPU of that without a watch, of that with one', value: 100 * watched.cpuRatio, unit: '%' },
      ],
      criteria: [
        atLeast('http server, traced, against the same without a trace', 100 * traced.ratio, 90, '%'),
        atLeast('http server, watched for what blocks, against the same', 100 * watched.ratio, 99, '%'),
        atMost(`${of}, without stacks`, withoutMs, 200, 'ms'),
        atMost(`${of}, with stacks`, withMs, 3000, 'ms'),
      ],
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

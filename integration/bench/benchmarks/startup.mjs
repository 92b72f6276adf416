// The start of a process.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { atMost } from '../criteria.mjs';
import { median } from '../interleave.mjs';

const ROUNDS = 30;
const program = join(import.meta.dirname, '../contenders/nothing.cjs');

/** How many milliseconds more each way in may take. Node 20 starts a hooks thread. */
const targets = (major) => (major >= 22 ? { register: 8, auto: 25 } : { register: 40, auto: 60 });

/** A program that does nothing, with and without aevent: whole processes, each beside one without aevent. */
export async function measure({ node }, major) {
  const timeOf = (flags) => {
    const begin = performance.now();
    const { status, stderr } = spawnSync(node, [...flags, program], { cwd: import.meta.dirname });
    const ms = performance.now() - begin;
    if (status !== 0) throw new Error(`node ${flags.join(' ')} ended with exit code ${status}\n${stderr}`);
    return ms;
  };
  const measured = [];
  const criteria = [];
  const plain = [];
  for (const [door, target] of Object.entries(targets(major))) {
    const flags = ['--import', `aevent/${door}`];
    const ours = [];
    const more = [];
    for (let round = 0; round < ROUNDS; round++) {
      const first = round % 2 === 0 && timeOf([]);
      ours.push(timeOf(flags));
      plain.push(first || timeOf([]));
      more.push(ours.at(-1) - plain.at(-1));
    }
    measured.push({
      what: `start-up under aevent/${door}`,
      value: median(ours),
      best: Math.min(...ours),
      unit: 'ms',
    });
    criteria.push(
      atMost(`start-up under \`aevent/${door}\`, more than plain Node`, median(more), target, 'ms'),
    );
  }
  const bare = { what: 'start-up of Node', value: median(plain), best: Math.min(...plain), unit: 'ms' };
  return { measured: [bare, ...measured], criteria };
}

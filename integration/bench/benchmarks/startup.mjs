// The start of a process.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { atMost } from '../criteria.mjs';

const ROUNDS = 30;
const program = join(import.meta.dirname, '../contenders/nothing.cjs');

/** A program that does nothing, with and without aevent: the fastest of many starts. */
export async function measure({ node }, major) {
  const ways = {
    'node nothing.cjs': [],
    'node --import aevent/register nothing.cjs': ['--import', 'aevent/register'],
    'node --import aevent/auto nothing.cjs': ['--import', 'aevent/auto'],
  };
  const fastest = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [what, flags] of Object.entries(ways)) {
      const begin = performance.now();
      const { status, stderr } = spawnSync(node, [...flags, program], { cwd: import.meta.dirname });
      const ms = performance.now() - begin;
      if (status !== 0) throw new Error(`${what} ended with exit code ${status}\n${stderr}`);
      fastest[what] = Math.min(fastest[what] ?? Infinity, ms);
    }
  }
  const [native, ours] = Object.values(fastest);
  return {
    measured: Object.entries(fastest).map(([what, value]) => ({
      what: `${what}, fastest`,
      value,
      unit: 'ms',
    })),
    criteria: [atMost('start-up under aevent/register, more by', ours - native, major >= 22 ? 20 : 60, 'ms')],
  };
}

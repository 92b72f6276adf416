import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { json } from '../child.js';

const options = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
const isKnown = (flag: string): boolean => options.includes(`--${flag.replace(/^--(no-)?|=.*/g, '')} (`);

const auto = join(import.meta.dirname, '../../../dist/loader/auto.js');

/** How many random programs: fewer where each instruction is emulated. */
const [ASYNCHRONOUS, SYNCHRONOUS] = process.env.AEVENT_TEST_EMULATED === '1' ? [4, 15] : [16, 75];
/** Of the first synchronous one: each Node and backend has others. */
const major = Number(process.versions.node.split('.')[0]);
const SEED = String(1000 * major + (process.env.AEVENT_BACKEND === 'thread' ? 500 : 0));

interface Seen {
  readonly sum: number;
  readonly optimized: boolean;
  readonly slices: number;
  readonly inV8: number;
}

describe('where a slice is taken', () => {
  it('not in a loop that V8 has optimized, which keeps what it has read', async () => {
    const { sum, optimized, slices, inV8 } = await json<Seen>([
      '--allow-natives-syntax',
      'optimized-loop.mjs',
    ]);
    expect(optimized).toBe(true);
    expect({ sum, slices }).toEqual({ sum: 0, slices: 0 });
    expect(inV8).toBeGreaterThan(0);
  });

  it.each(
    [
      '--no-opt',
      '--always-sparkplug',
      '--stress-compaction',
      '--gc-interval=500',
      '--deopt-every-n-times=50',
      '--interrupt-budget=100',
      '--no-use-ic',
    ].filter(isKnown),
  )('random programs give under %s what they give natively', async (flag) => {
    expect(await json<unknown>([flag, 'sliced-programs.mjs', '7', '5'])).toMatchObject({ wrong: [] });
  });

  it('random asynchronous programs give natively, sliced at every chance, and at random, the same', async () => {
    const programs = ['sliced-async-programs.mjs', '1', String(ASYNCHRONOUS)];
    const sliced = ['--import', auto, ...programs];
    const run = (args: readonly string[], env = {}): Promise<{ lines: string[]; slices: number }> =>
      json(args, env);
    const natively = await run(programs);
    const always = await run(sliced, { AEVENT_PREEMPT: '0.01' });
    const atRandom = await run(sliced, { AEVENT_PREEMPT: '0.01', RANDOM: '1' });
    expect(natively.lines).toHaveLength(ASYNCHRONOUS * 12);
    expect(always.lines).toEqual(natively.lines);
    expect(atRandom.lines).toEqual(natively.lines);
    expect(always.slices).toBeGreaterThan(10);
    expect(atRandom.slices).toBeGreaterThan(0);
  });

  it('random programs, sliced at every chance, give what they give natively', async () => {
    const { wrong, slices } = await json<{ wrong: string[]; slices: number }>([
      'sliced-programs.mjs',
      SEED,
      String(SYNCHRONOUS),
    ]);
    expect(wrong).toEqual([]);
    // How many depends on what else the machine does.
    expect(slices).toBeGreaterThan(10);
  });
});

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { json, node } from '../child.js';

/** What integration/torture/parked-young.mjs prints. */
interface Report {
  collections: string;
  held: number;
  wrong: number;
  most: number;
  scavenges: number;
  displaced: number;
  words: number;
  written: number;
}

const program = fileURLToPath(new URL('../../../integration/torture/parked-young.mjs', import.meta.url));
const TURNS = '100';
const FEW_TURNS = '30';
async function run(
  mode: string,
  flags: string[] = [],
  env: NodeJS.ProcessEnv = {},
  turns = TURNS,
): Promise<Report> {
  const args = ['--max-semi-space-size=1', ...flags, program, mode, turns];
  const { stdout, stderr, code, signal } = await node(args, { AEVENT_WARN: '0', ...env });
  // V8 11 warns of what --jitless switches off.
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${signal ?? code}\n${stdout}${stderr}`);
  return JSON.parse(stdout) as Report;
}

const options = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8', maxBuffer: 2 ** 24 });
const knownToV8 = new Set([...options.matchAll(/^\s+(--[\w-]+)/gm)].map(([, flag]) => flag));

const isLinux = process.platform === 'linux';

describe.concurrent.runIf(isLinux)('minor collections', () => {
  it('skip stacks that are parked for long, and what tasks hold is what it was', async () => {
    const report = await run('skip');
    expect(report).toMatchObject({ collections: 'on', wrong: 0, displaced: 0 });
    expect(report.most).toBeGreaterThan(50);
    expect(report.scavenges).toBeGreaterThan(5);
  });

  it('would write to nothing of what is skipped', async () => {
    const report = await run('compare');
    expect(report).toMatchObject({ wrong: 0, written: 0 });
    expect(report.words).toBeGreaterThan(10_000);
  });

  it('do write to stacks that were parked just now', async () => {
    const report = await run('compareAll');
    expect(report.wrong).toBe(0);
    expect(report.written).toBeGreaterThan(100);
  });

  it('do so while tasks are put aside in the middle of what they compute', async () => {
    const env = { AEVENT_PREEMPT: '0.1' };
    expect(await run('skip', [], env, FEW_TURNS)).toMatchObject({ collections: 'on', wrong: 0 });
    expect(await run('compare', [], env, FEW_TURNS)).toMatchObject({ wrong: 0, written: 0 });
  });

  it.each([
    ['scavenges at random', ['--stress-scavenge=50']],
    ['collections at random', ['--random-gc-interval=2000']],
    ['compaction', ['--stress-compaction']],
    ['no JIT', ['--jitless']],
    ['one thread', ['--single-threaded']],
  ])('do so under V8’s setting: %s', async (_, flags) => {
    const known = flags.filter((flag) => knownToV8.has(flag.replace(/=.*/, '')));
    expect(await run('skip', known, {}, FEW_TURNS)).toMatchObject({ collections: 'on', wrong: 0 });
    expect(await run('compare', known, {}, FEW_TURNS)).toMatchObject({ wrong: 0, written: 0 });
  });

  it('do so in Workers', async () => {
    const inWorkers = (mode: string): Promise<Report[]> =>
      json(['collections-in-workers.mjs', program, mode, TURNS], { AEVENT_WARN: '0' });
    for (const report of await inWorkers('skip')) {
      expect(report).toMatchObject({ collections: 'on', wrong: 0 });
      expect(report.most).toBeGreaterThan(50);
    }
    for (const report of await inWorkers('compare')) expect(report).toMatchObject({ wrong: 0, written: 0 });
  });

  it('visit all stacks while another callback could start a collection in between', async () => {
    const observed = (when: string): Promise<object> =>
      json(['--expose-gc', 'collections-observed.mjs', when], { AEVENT_WARN: '0' });
    // The next switch of stacks puts aevent's behind the other one.
    expect(await observed('late')).toEqual({
      alone: [3, 0],
      displaced: [0, 3],
      again: [3, 0],
      collections: 'on, but for 3 collections, since another listener could have started one in between',
    });
    const never = [0, 3];
    expect(await observed('early')).toMatchObject({ alone: never, displaced: never, again: never });
  });

  it('visit all stacks where V8 was told to use another collector', async () => {
    const others = ['--minor-ms', '--minor-mc', '--conservative-stack-scanning'].filter((flag) =>
      knownToV8.has(flag),
    );
    expect(others).not.toEqual([]);
    for (const flag of others) {
      expect(await run('visitAll', [flag], {}, FEW_TURNS)).toMatchObject({
        collections: "off: an option chooses another collector than V8's default",
        wrong: 0,
        most: 0,
        scavenges: 0,
      });
    }
  });
});

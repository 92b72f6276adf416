import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { json } from '../child.js';

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
const SHORT_MS = '1000';
const run = (mode: string, flags: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Report> =>
  json(['--max-semi-space-size=1', ...flags, program, mode, SHORT_MS], { AEVENT_WARN: '0', ...env });

const isLinux = process.platform === 'linux';

describe.runIf(isLinux)('minor collections', () => {
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
    expect(await run('skip', [], env)).toMatchObject({ collections: 'on', wrong: 0 });
    expect(await run('compare', [], env)).toMatchObject({ wrong: 0, written: 0 });
  });

  it('are those of another collector, which visits all stacks, where V8 was told so', async () => {
    for (const flag of ['--minor-ms', '--conservative-stack-scanning']) {
      const known = process.allowedNodeEnvironmentFlags.has(flag) || v8Knows.has(flag);
      if (!known) continue;
      const report = await run('visitAll', [flag]);
      expect(report).toMatchObject({
        collections: "off: an option chooses another collector than V8's default",
        wrong: 0,
        most: 0,
        scavenges: 0,
      });
    }
  });
});

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { json, node } from './child.js';

interface Result {
  readonly replacement?: boolean;
  readonly seen?: unknown[];
}

const run = async (...args: string[]): Promise<Record<string, Result>> =>
  (await json([...args, '--title=aevent-test', 'source-workers.mjs'])) as Record<string, Result>;

describe.concurrent.each([
  ['--import', 'aevent/register'],
  ['--import', 'aevent/auto'],
  ['-r', 'aevent/auto'],
])('%s %s', (option, door) => {
  it('gives Workers of source text the replaced modules, and shows them no option that they were not given', async () => {
    const [ours, plainly] = await Promise.all([run(option, door), run(option, './empty.cjs')]);
    const seen = (results: Record<string, Result>, path: string): unknown =>
      JSON.parse(
        JSON.stringify(results, (key, value) => (key === 'replacement' ? undefined : value)).replaceAll(
          path,
          'X',
        ),
      );
    expect(seen(ours, door)).toEqual(seen(plainly, './empty.cjs'));
    const natives = Object.entries(ours).filter(([, { replacement }]) => replacement === false);
    expect(natives.map(([name]) => name)).toEqual(['without options']);
  });

  it('writes a trace of each thread that runs a program, and of no other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aevent-'));
    const program = `const { Worker } = require('worker_threads');
      new Worker('setTimeout(() => {}, 1)', { eval: true });`;
    const env = { AEVENT_TRACE: join(folder, 'trace.json') };
    expect(await node([option, door, '-e', program], env)).toMatchObject({ stderr: '', code: 0 });
    const names = readdirSync(folder).map((name) => name.replace(/\d+/g, 'N'));
    expect(names.sort()).toEqual(['trace.N.workerN.json', 'trace.json']);
    rmSync(folder, { recursive: true });
  });
});

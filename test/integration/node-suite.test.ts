// The runner of Node's own tests, on a checkout of a few files that stand for Node's.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const runner = fileURLToPath(new URL('../../integration/node-suite/run.mjs', import.meta.url));
const checkout = mkdtempSync(join(tmpdir(), 'aevent-checkout-'));
afterAll(() => rmSync(checkout, { recursive: true }));

const mindsAevent = `if (Symbol.for('aevent.loader') in globalThis) throw new Error('a guest');`;
const files = {
  // Flags and environment come from its head.
  'test-fs-passes.js': `// Flags: --expose-gc
// Env: NOTICE=seen
if (!global.gc || process.env.NOTICE !== 'seen') process.exit(1);`,
  'test-fs-never-passes.js': 'process.exit(1);',
  'test-fs-minds-aevent.js': mindsAevent,
  'test-fs-minds-knowingly.js': mindsAevent,
  'test-net-of-another-family.js': 'process.exit(1);',
};
mkdirSync(join(checkout, 'test/parallel'), { recursive: true });
for (const [name, source] of Object.entries(files))
  writeFileSync(join(checkout, 'test/parallel', name), source);
const known = join(checkout, 'known.json');

function run(...args: string[]): { status: number | null; lines: string[]; stderr: string } {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [runner, ...args], {
    encoding: 'utf8',
    env,
  });
  return { status, lines: stdout.trimEnd().split('\n'), stderr };
}

const there = ['--checkout', checkout, '--node', process.execPath];
const minds = 'parallel/test-fs-minds-aevent.js';
const knowinglyMinds = 'parallel/test-fs-minds-knowingly.js';

describe('the runner of Node’s own tests', () => {
  it('tells what passes plainly and fails with aevent, unless a reason is known for this Node line', () => {
    const line = Number(process.versions.node.split('.')[0]);
    const of = (test: string, node: number): unknown => ({
      mode: 'register',
      tests: [test],
      reason: 'It minds.',
      node: [node],
    });
    writeFileSync(known, JSON.stringify([of(knowinglyMinds, line), of(minds, line + 1)]));
    const { status, lines } = run(...there, '--mode', 'register', '--known', known, '--verbose', 'fs');
    expect(status).toBe(1);
    expect(lines).toContain(`REGRESSION register ${minds}: exit code 1`);
    expect(lines).toContain(`known register ${knowinglyMinds}: It minds.`);
    expect(lines.filter((each) => each.includes('Error: a guest'))).toHaveLength(1);
    expect(lines.slice(-2)).toEqual([
      'fs: 4 files, pass plainly 3, of those: register 1',
      `Node ${process.version}: 4 files, 3 pass plainly, 1 regressions`,
    ]);
  });

  it('succeeds where there are none', () => {
    const { status, lines } = run(...there, '--mode', 'register', '--only', 'fs-passes', 'fs');
    expect([status, lines[0]]).toEqual([0, 'fs: 1 files, pass plainly 1, of those: register 1']);
  });

  it.each<[string, string[]]>([
    ['--checkout is missing', ['--node', process.execPath]],
    ['--checkout /no-such: there is no test/parallel in it', ['--checkout', '/no-such', '--node', 'node']],
    ['--node /no-such: there is no such file', ['--checkout', checkout, '--node', '/no-such']],
    [`--node ${runner}: that is no Node`, ['--checkout', checkout, '--node', runner]],
    ["there is no family 'no-such'", [...there, 'no-such']],
    [`no file of dgram in ${checkout}`, [...there, 'dgram']],
    ['--mode no-such: it is register or auto', [...there, '--mode', 'no-such']],
  ])('explains itself: %s', (message, args) => {
    const { status, lines, stderr } = run(...args);
    expect([status, lines, stderr.split('\n')[0]]).toEqual([2, [''], message]);
    expect(stderr).toContain('Usage: ');
  });
});

import { describe, expect, it } from 'vitest';
import { facts, fixture, LONG_HUNG_MS, report } from '../fixture.js';

type Outcomes = Record<string, { native: unknown; task: unknown }>;
const [held, ...outcomes] = await Promise.all([
  facts(['child-process-facts.mjs']),
  ...['1/2', '2/2'].map((part) => report<Outcomes>(['child-process.mjs', '', part], LONG_HUNG_MS)),
]);

describe('child_process in a task, compared with Node', () => {
  it.each(outcomes.flatMap((part) => Object.entries(part)))('%s', (_, { native, task }) => {
    expect(task).toEqual(native);
  });
});

describe('child_process', () => {
  it.each(held)('%s', (_, holds) => {
    expect(holds).toBe(true);
  });

  it('lets a child write to the inherited output in order', async () => {
    const { stdout, stderr } = await fixture(['child-process-output.mjs']);
    expect(stdout).toBe('1 parent\n2 child\n3 parent\n4 child\n5 parent\n');
    expect(stderr).toBe('1 execSync\n2 execFileSync\n3 parent\n');
  });

  it.skipIf(Number(process.versions.node.split('.')[0]) < 24)(
    'warns of arguments to a shell, once',
    async () => {
      const code = "spawnSync('echo', ['a'], { shell: true })";
      const start = "const { spawnSync } = await import('aevent/monkey/child_process');";
      const call = `${start} const { default: aevent } = await import('aevent'); await aevent.call(() => ${code})`;
      const { stderr } = await fixture(['--input-type=module', '-e', call]);
      expect(stderr.match(/DEP0190/g)).toHaveLength(1);
    },
  );

  it('warns of nothing under --pending-deprecation', async () => {
    const start = "const { execSync } = await import('aevent/monkey/child_process');";
    const call = `${start} const { default: aevent } = await import('aevent'); await aevent.call(() => execSync('true'))`;
    const { stderr } = await fixture(['--pending-deprecation', '--input-type=module', '-e', call]);
    expect(stderr).toBe('');
  });
});

it('waitSync() does not keep a child from ending that writes more than a pipe holds', async () => {
  expect(await report<unknown>(['--import', 'aevent/register', 'wait-for-output.mjs'])).toEqual({
    outside: { code: 3, signal: null, bytes: 1_000_000 },
    inside: { code: 4, signal: null, isMore: true },
  });
});

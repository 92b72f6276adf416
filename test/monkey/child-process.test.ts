import { beforeAll, describe, expect, it } from 'vitest';
import { fixture, report } from './fixture.js';
import { cases } from './fixtures/child-process-cases.mjs';

type Outcomes = Record<string, { native: unknown; task: unknown }>;

describe('child_process in a task, compared with Node', () => {
  let outcomes: Outcomes;
  beforeAll(async () => {
    outcomes = await report<Outcomes>(['child-process.mjs']);
  });

  it.each(cases.map(([title]) => title as string))('%s', (title) => {
    const { native, task } = outcomes[title] ?? {};
    expect(native).toBeDefined();
    expect(task).toEqual(native);
  });
});

describe('child_process', () => {
  let facts: Record<string, unknown>;
  beforeAll(async () => {
    facts = await report(['child-process-facts.mjs']);
  });

  it.each([
    'sync calls of many tasks run at once',
    'a sync call talks to a server in its own process',
    'what was bound to the real functions stays native',
    'a call inside native() blocks',
    'a cancelled scope kills the child',
    'a cancelled child that ignores the signal is killed for good',
    'a cancelled scope starts no child',
    'waitSync gives the exit status',
    'waitSync gives the signal',
    'waitSync of a child that has exited gives its status',
    'waitSync throws what kept the child from starting',
    'waitSync throws NoPortalError outside of a task',
    'a callback of exec may suspend',
    'a listener of a child may suspend, and Node goes on without it',
    'listeners are removed, listed and called once as they are',
    'a child is an instance of ChildProcess',
    'promisified exec gives what it did',
  ])('%s', (title) => {
    expect(facts[title]).toBe(true);
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

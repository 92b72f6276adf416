import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { pause, together } from '../../support/tools.js';

const TASKS = 100;

/** How many KiB of this process no child gets (proc(5): VmFlags, dc). */
function leftOutKiB(): number {
  const mappings = readFileSync('/proc/self/smaps', 'utf8').split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/);
  const sizes = mappings.map((text) =>
    /^VmFlags:.* dc\b/m.test(text) ? Number(/^Size:\s+(\d+)/m.exec(text)?.[1]) : 0,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

it.skipIf(process.env.AEVENT_BACKEND === 'thread')(
  'a child gets the stack that it is started on and no other',
  async () => {
    const before = leftOutKiB();
    const echoed = together(TASKS, (i) => {
      pause(3); // until there are all of them
      return execFileSync('echo', [String(i)], { encoding: 'utf8' });
    });
    expect(await echoed).toEqual(Array.from({ length: TASKS }, (_, i) => `${i}\n`));
    // A stack each, but for a few that were there. Each stack was marked again after its fork.
    expect(leftOutKiB() - before).toBeGreaterThan(900 * TASKS);
  },
);

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { pause, together } from '../../support/tools.js';

const TASKS = 100;

/** How many mappings of this process are marked as nothing that a child gets (proc(5): VmFlags, dc). */
const leftOut = (): number =>
  readFileSync('/proc/self/smaps', 'utf8').match(/^VmFlags:.* dc\b/gm)?.length ?? 0;

it.skipIf(process.env.AEVENT_BACKEND === 'thread')(
  'a child gets the stack that it is started on and no other',
  async () => {
    const before = leftOut();
    const echoed = together(TASKS, (i) => {
      pause(3); // until there are all of them
      return execFileSync('echo', [String(i)], { encoding: 'utf8' });
    });
    expect(await echoed).toEqual(Array.from({ length: TASKS }, (_, i) => `${i}\n`));
    // A stack and its guard page each, but for a few that were there. Each stack was marked again after its fork.
    expect(leftOut() - before).toBeGreaterThan(1.5 * TASKS);
  },
);

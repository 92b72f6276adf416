import { expect, it } from 'vitest';
import { node } from '../child.js';

const program = `
  import { spawnSync } from 'node:child_process';
  import aevent from 'aevent';
  await aevent.run(() => {});
  const { signal } = spawnSync('sh', ['-c', 'kill -PROF $$; sleep 5']);
  console.log('child:', signal);
  process.kill(process.pid, 'SIGPROF');
  setTimeout(() => console.log('alive'), 50);
`;
const args = ['--input-type=module', '-e', program];

it('a signal of the profiler that comes late does not end a process with the thread backend', async () => {
  const { code, stdout } = await node(args, { AEVENT_BACKEND: 'thread' });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'child: SIGPROF\nalive\n' });
});

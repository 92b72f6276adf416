import { expect, it } from 'vitest';
import { json } from '../child.js';

// Node 26 ends the process at an uncaught exception while another one is being handled.
it('a handler of uncaught exceptions may suspend while others are thrown', async () => {
  const { seen, code } = await json<{ seen: string[]; code: number }>([
    '--no-deprecation',
    '--import',
    'aevent/auto',
    'uncaught-suspending.mjs',
  ]);
  const of = (what: string): string[] => ['one', 'two', 'three'].map((name) => `${what} ${name}`);
  expect(seen.slice(0, 3)).toEqual(of('handling'));
  expect(seen.slice(3)).toEqual(of('handled'));
  expect(code).toBe(0);
});

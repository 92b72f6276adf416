import { expect, it } from 'vitest';
import { node } from '../child.js';

it('a process ends whose hooks of async_hooks throw, at the timer of its listeners of exit, too', async () => {
  const { stderr, code } = await node(['--import', 'aevent/auto', 'failing-hook.cjs']);
  expect(stderr).toContain('of the hook');
  expect(code).toBe(1);
});

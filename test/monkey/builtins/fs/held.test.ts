import { expect, it } from 'vitest';
import { runScript } from './child.js';

it('a call that goes to the pool or waits works on what it was given, whatever is closed, renamed or changed meanwhile', async () => {
  const { output } = await runScript('held.mjs');
  expect(output).toEqual({});
});

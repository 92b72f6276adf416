// Line of runtime/suspension/line.ts, and Entries of monkey/kit/waiting-entries.ts: no event costs more because many wait, and none
// leaves anything. A cost for each that waits would have 20,000 of them take minutes, a recursion over them overflow the stack.
import { expect, it } from 'vitest';
import { testAsPlainly } from './as-plainly.js';
import { report } from './fixture.js';

await testAsPlainly('thousands of events whose listeners block come in order, at the cost of one each', [
  ['bursts.mjs'],
]);

it('uncaught exceptions that have waited for a handler leave nothing in the heap', async () => {
  const args = ['--expose-gc', '--import', 'aevent/auto', 'errors-in-a-row.mjs'];
  const { inOrder, bytes } = await report<{ inOrder: boolean; bytes: number }>(args);
  expect(inOrder).toBe(true);
  // It was more than a thousand.
  expect(bytes).toBeLessThan(500);
});

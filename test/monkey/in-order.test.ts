// Hold.inOrder of monkey/kit/held-queue.ts: the next event of an emitter waits for a suspended listener of the last.
import { expect, it } from 'vitest';
import { testAsPlainly } from './as-plainly.js';
import { report } from './fixture.js';

for (const file of ['in-order.mjs', 'callbacks-in-order.mjs']) {
  const title =
    'listeners that are suspended where plain Node blocks are called one after the other, as there';
  await testAsPlainly(`${title}: ${file}`, [file]);
}

await testAsPlainly(
  'the rest of an async function that a suspended listener calls comes before the next event',
  ['followers.mjs'],
);

it('bytes that a task reads itself are read once, though the stream emits them, too', async () => {
  expect(await report(['--import', 'aevent/auto', 'read-once.mjs'])).toEqual({
    heard: ['1', '2', '3'],
    answers: ['re:1', 're:2', 're:3'],
  });
});

// Hold.inOrder of monkey/kit/held-queue.ts: the next event of an emitter waits for a suspended listener of the last.
import { expect, it } from 'vitest';
import { testAsPlainly } from './as-plainly.js';
import { report } from './fixture.js';

await testAsPlainly(
  'listeners that are suspended where plain Node blocks are called one after the other, as there, and so is what they call',
  [['in-order.mjs'], ['callbacks-in-order.mjs'], ['followers.mjs']],
);

await testAsPlainly('messages that come before their listener', [['pending-messages.cjs']]);

it('bytes that a task reads itself are read once, though the stream emits them, too', async () => {
  expect(await report(['--import', 'aevent/auto', 'read-once.mjs'])).toEqual({
    heard: ['1', '2', '3'],
    answers: ['re:1', 're:2', 're:3'],
  });
});

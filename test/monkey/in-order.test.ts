// Hold.inOrder of monkey/kit/held-queue.ts: the next event of an emitter waits for a suspended listener of the last.
import { describe, expect, it } from 'vitest';
import { report } from './fixture.js';

describe.each(['in-order.mjs', 'callbacks-in-order.mjs'])(
  'listeners that are suspended where plain Node blocks are called one after the other, as there: %s',
  async (file) => {
    const plain = await report<Record<string, unknown>>([file]);
    const underAuto = await report<Record<string, unknown>>(['--import', 'aevent/auto', file]);
    it.each(Object.entries(plain))('%s', (name, log) => {
      expect(underAuto[name]).toEqual(log);
    });
  },
);

const followers = 'followers.mjs';
const plainFollowers = await report<Record<string, unknown>>([followers]);
const followersUnderAuto = await report<Record<string, unknown>>(['--import', 'aevent/auto', followers]);

describe('the rest of an async function that a suspended listener calls comes before the next event', () => {
  it.each(Object.entries(plainFollowers))('%s', (name, log) => {
    expect(followersUnderAuto[name]).toEqual(log);
  });
});

it('bytes that a task reads itself are read once, though the stream emits them, too', async () => {
  expect(await report(['--import', 'aevent/auto', 'read-once.mjs'])).toEqual({
    heard: ['1', '2', '3'],
    answers: ['re:1', 're:2', 're:3'],
  });
});

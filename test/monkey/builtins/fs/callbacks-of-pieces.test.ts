import { describe, expect, it } from 'vitest';
import { report } from '../../fixture.js';

const auto = ['--import', 'aevent/auto'];
const file = 'callbacks-of-pieces.mjs';
const plain = await report<Record<string, unknown[]>>([file]);
const underAuto = await report<Record<string, unknown[]>>([...auto, file]);

describe('a callback of work that suspended code has begun comes when that code has ended, as in plain Node', () => {
  it.each(Object.entries(plain))('%s', (name, log) => {
    expect(underAuto[name]).toEqual(log);
  });
});

it('comes while that code waits for it by what plain Node does not have, and while other code is suspended', async () => {
  expect(await report([...auto, 'callbacks-waited-for.mjs'])).toEqual({
    'await_ of a promise that the callback resolves': 'called back',
    'sleepSync until the callback has been called': 'called back',
    'Atomics.wait without an end that the callback notifies': 'ok',
    'a callback of other code': 'called back',
  });
});

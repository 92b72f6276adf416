import { expect, it } from 'vitest';
import { testAsPlainly } from '../../as-plainly.js';
import { report } from '../../fixture.js';

await testAsPlainly(
  'a callback of work that suspended code has begun comes when that code has ended, as in plain Node',
  [['callbacks-of-pieces.mjs']],
);

it('comes while that code waits for it by what plain Node does not have, and while other code is suspended', async () => {
  expect(await report(['--import', 'aevent/auto', 'callbacks-waited-for.mjs'])).toEqual({
    'await_ of a promise that the callback resolves': 'called back',
    'sleepSync until the callback has been called': 'called back',
    'Atomics.wait without an end that the callback notifies': 'ok',
    'a callback of other code': 'called back',
  });
});

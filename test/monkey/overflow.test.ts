// Suspending calls near the end of the stack: the RangeError of any recursion, and nothing that stays.
import { expect, it } from 'vitest';
import { report } from './fixture.js';

it('a call that finds too little stack fails with a RangeError, and later ones work', async () => {
  const found = await report<Record<string, unknown>>(['--import', 'aevent/auto', 'overflow.mjs']);
  const clean = { kinds: ['RangeError: Maximum call stack size exceeded'], parked: 0, descriptors: 0 };
  expect(Object.keys(found).length).toBe(7);
  for (const [name, result] of Object.entries(found)) expect([name, result]).toEqual([name, clean]);
});

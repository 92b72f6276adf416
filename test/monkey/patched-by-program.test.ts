import { describe, expect, it } from 'vitest';
import { facts } from './fixture.js';

const program = 'patched-by-program.cjs';
const natively = await facts([program]);

describe('what a program patches', () => {
  it.each(natively)('in Node itself: %s', (_, holds) => {
    expect(holds).toBe(true);
  });

  it('is called just so with aevent', async () => {
    expect(await facts(['--import', 'aevent/register', program])).toEqual(natively);
  });
});

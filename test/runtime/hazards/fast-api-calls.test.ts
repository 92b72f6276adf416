import { describe, expect, it } from 'vitest';
import { json } from '../child.js';

describe('a collection below a function that optimised code calls directly', () => {
  it('leaves what a task holds as it is', async () => {
    expect(await json(['fast-api-calls.mjs'])).toEqual([0, 0]);
  });

  it('does so if the code was optimised before aevent was loaded', async () => {
    expect(await json(['fast-api-calls.mjs', 'late'])).toEqual([0, 0]);
  });
});

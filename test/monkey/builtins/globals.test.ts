import { describe, expect, it } from 'vitest';
import { facts } from '../fixture.js';

const held = await facts(['globals.mjs']);

describe('installGlobals and restoreGlobals', () => {
  it.each(held)('%s', (_, holds) => {
    expect(holds).toBe(true);
  });
});

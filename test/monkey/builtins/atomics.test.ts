import { describe, expect, it } from 'vitest';
import { facts } from '../fixture.js';

const held = await facts(['--import', 'aevent/register', 'atomics.mjs']);

describe('Atomics.wait', () => {
  it.each(held)('%s', (_, holds) => {
    expect(holds).toBe(true);
  });
});

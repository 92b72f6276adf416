import { describe, expect, it } from 'vitest';
import { facts } from '../fixture.js';

const held = await facts(['--import', 'aevent/register', 'timers.mjs']);

describe('timers, nextTick and sleepSync', () => {
  it.each(held)('%s', (_, holds) => {
    expect(holds).toBe(true);
  });
});

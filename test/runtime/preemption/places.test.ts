import { describe, expect, it } from 'vitest';
import { json } from '../child.js';

interface Seen {
  readonly sum: number;
  readonly optimized: boolean;
  readonly slices: number;
  readonly inV8: number;
}

describe('where a slice is taken', () => {
  it('not in a loop that V8 has optimized, which keeps what it has read', async () => {
    const { sum, optimized, slices, inV8 } = await json<Seen>([
      '--allow-natives-syntax',
      'optimized-loop.mjs',
    ]);
    expect(optimized).toBe(true);
    expect({ sum, slices }).toEqual({ sum: 0, slices: 0 });
    expect(inV8).toBeGreaterThan(0);
  });

  it.each(['--no-opt', '--always-sparkplug', '--stress-compaction'])(
    'random programs give under %s what they give natively',
    async (flag) => {
      expect(await json<unknown>([flag, 'sliced-programs.mjs', '7', '20'])).toMatchObject({ wrong: [] });
    },
  );

  it('random programs, sliced at every chance, give what they give natively', async () => {
    const { wrong, slices } = await json<{ wrong: string[]; slices: number }>([
      'sliced-programs.mjs',
      '1',
      '150',
    ]);
    expect(wrong).toEqual([]);
    expect(slices).toBeGreaterThan(100);
  });
});

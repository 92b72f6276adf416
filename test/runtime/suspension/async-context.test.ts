import { describe, expect, it } from 'vitest';
import { json } from '../child.js';

const run = <T>(fixture: string, ...args: string[]): Promise<T> =>
  json<T>(['--import', 'aevent/register', fixture, ...args]);

describe('async context', () => {
  it.each([[], ['hooks']])(
    'is what it is without suspensions, at every place (%s)',
    async (...args: string[]) => {
      const { count, wrong, parked } = await run<{ count: number; wrong: object; parked: object }>(
        'context.mjs',
        ...args,
      );
      expect(wrong).toEqual({});
      expect(count).toBeGreaterThan(20);
      expect(parked).toEqual({ live: 0, parked: 0 });
    },
  );

  it.each([[], ['late']])('keeps hooks balanced, resource by resource (%s)', async (...args: string[]) => {
    expect(await run('hooks-strict.mjs', ...args)).toEqual({ wrong: {}, seen: true, done: 104 });
  });

  it('holds for domains, and their errors', async () => {
    expect(await run('domains.mjs')).toEqual({
      'run() keeps its domain over suspensions, and tasks do not see that of others': true,
      'errors of suspended callbacks reach their domain': JSON.stringify([
        'bound',
        'emitted',
        'immediate',
        'intercepted',
        'tick',
        'timer',
      ]),
      'and name it': 6,
      'callbacks are in the domain of their registration, before and after a suspension': true,
      'nothing is left': true,
    });
  });
});

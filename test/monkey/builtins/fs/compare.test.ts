import { expect, it } from 'vitest';
import { LONG_HUNG_MS } from '../../fixture.js';
import { runScript } from './child.js';

interface Comparison {
  count: number;
  leaked: number;
  differences: { name: string; expected: string; found: string }[];
}

it('every sync function of fs gives in a task what it gives natively, results, errors and effects', {
  timeout: LONG_HUNG_MS,
}, async () => {
  const { output } = await runScript('compare.mjs');
  const { count, leaked, differences } = output as Comparison;
  expect(differences).toEqual([]);
  expect(leaked).toBe(0);
  expect(count).toBeGreaterThan(2000);
});

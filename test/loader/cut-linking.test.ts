import { expect, it } from 'vitest';
import { json } from './child.js';

it('the process outlives Workers that are terminated while they link ES modules', async () => {
  const args = ['--no-warnings', '--import', 'aevent/register', 'cut-linking.mjs'];
  expect(await json(args)).toEqual({ ended: 15 });
});

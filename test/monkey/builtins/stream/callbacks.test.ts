// Callbacks that are given to streams. Their order is compared with plain Node's in test/monkey/in-order.test.ts.
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { report } from '../../fixture.js';

const path = fileURLToPath(new URL('../../fixtures/callbacks-suspend.mjs', import.meta.url));

it('suspend', async () => {
  expect(await report(['--import', 'aevent/auto', path])).toEqual([]);
});

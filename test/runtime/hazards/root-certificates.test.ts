import { expect, it } from 'vitest';
import { json } from '../child.js';

it('fetch() of https, and contexts of TLS, in tasks and outside share the one store of root certificates', async () => {
  expect(await json(['root-certificates.mjs'])).toEqual(['ECONNREFUSED', 2]);
});

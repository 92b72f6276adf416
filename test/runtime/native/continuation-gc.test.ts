import { expect, it } from 'vitest';
import { json } from '../child.js';

it.each([
  ['collects the young generation by itself', ['--max-semi-space-size=1']],
  ['collects at random', ['--random-gc-interval=2000']],
])('objects in the continuation data survive while V8 %s', async (_, flags) => {
  expect(await json(['--expose-gc', ...flags, 'continuation-gc.mjs'])).toEqual({ wrong: 0 });
});

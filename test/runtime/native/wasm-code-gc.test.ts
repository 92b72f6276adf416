import { expect, it } from 'vitest';
import { json } from '../child.js';

it('WebAssembly code is replaced while stacks are put aside', async () => {
  expect(await json(['--stress-wasm-code-gc', 'wasm-code-gc.mjs'])).toEqual([300, 300, 300]);
});

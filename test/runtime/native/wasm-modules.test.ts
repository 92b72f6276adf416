import { expect, it } from 'vitest';
import { json } from '../child.js';

// Node 26 ends the process where V8 does not know which thread runs.
it('WebAssembly modules are freed on the main stack after a task was resumed', async () => {
  expect(await json(['--expose-gc', 'wasm-modules.mjs'])).toBe(20);
});

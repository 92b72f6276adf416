import { expect, it } from 'vitest';
import { plainlyAndUnderAuto } from './as-plainly.js';

it("objects of Node's classes have their names in stacks", async () => {
  const [plain, underAuto] = await plainlyAndUnderAuto<Record<string, string>>(['names-in-stacks.mjs']);
  expect(plain.EventEmitter).toBe('EventEmitter');
  expect(underAuto).toEqual(plain);
});

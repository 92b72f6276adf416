import { expect, it } from 'vitest';
import { report } from './fixture.js';

it("objects of Node's classes have their names in stacks", async () => {
  const plain = await report<Record<string, string>>(['names-in-stacks.mjs']);
  expect(plain.EventEmitter).toBe('EventEmitter');
  expect(await report(['--import', 'aevent/auto', 'names-in-stacks.mjs'])).toEqual(plain);
});

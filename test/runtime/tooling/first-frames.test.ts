// Stacks begin with the program's frame: those of errors that aevent raises, and of suspended calls.
import { expect, it } from 'vitest';
import { node } from '../child.js';

const { stdout, stderr } = await node(['--import', 'aevent/register', 'first-frames.mjs']);
const found = Object.entries(JSON.parse(stdout || '{}') as Record<string, string[]>);

it('every call of the table raises its error', () => {
  expect(stderr).toBe('');
  expect(found.length).toBe(36);
});

it.each(found)('the stack of %s begins in the program', (_, frames) => {
  expect(frames).toEqual([expect.stringMatching(/first-frames\.mjs:\d+:\d+\)?$/)]);
});

// `new Worker(file, { task: true })`: see the fixture.
import { describe, expect, it } from 'vitest';
import { facts } from '../../fixture.js';

const found = await facts(['--import', 'aevent/register', 'task-worker.mjs']);

describe('a Worker that is a task', () => {
  it.each(found)('%s', (_, holds) => {
    expect(holds).toBe(true);
  });
});

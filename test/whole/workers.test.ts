import { describe, expect, it } from 'vitest';
import { node } from '../runtime/child.js';

// Most of the time they wait for Workers to end.
describe.concurrent('tasks in worker_threads', () => {
  it.each([
    ['two workers run tasks at once', 'tasks', [45, 45]],
    ['a worker is terminated while tasks are parked and run', 'terminated', [1, 1]],
    ['a worker ends with parked tasks', 'parked', [13, 13]],
    ['process.exit() is called in a task of a worker', 'exit', [7, 7]],
    ['a task of a worker throws what nobody catches', 'throw', ['boom', 'boom']],
  ])('%s', async (_, kind, result) => {
    const { stdout, stderr, code, signal } = await node(['workers.mjs', kind]);
    expect({ code, signal, crash: stderr.match(/^#.*|.*Fatal.*/gm) }).toEqual({
      code: 0,
      signal: null,
      crash: null,
    });
    expect(JSON.parse(stdout)).toEqual({ results: Array(3).fill(result), main: 'alive' });
    const dumps = stderr.match(/nobody can wake them/g)?.length ?? 0;
    expect(dumps).toBe(kind === 'parked' ? 6 : 0);
  });
});

import { describe, expect, it } from 'vitest';
import { json, node } from '../runtime/child.js';

interface Left {
  readonly threads: number;
  readonly fds: number;
  readonly maps: number;
}

async function rounds(
  count: number,
  ways = '',
): Promise<{ ways: number; wrong: object; first: Left; last: Left }> {
  const args = ['--import', 'aevent/register', 'worker-ends.mjs', String(count), ways];
  const { stdout, stderr, code, signal } = await node(args, {}, 250_000);
  const crash = stderr.match(/^#.*|.*(Fatal|Assertion|corrupted).*/gm);
  expect({ code, signal, crash, main: /"main":"alive"/.test(stdout) }).toEqual({
    code: 0,
    signal: null,
    crash: null,
    main: true,
  });
  return JSON.parse(stdout);
}

describe('a worker with parked tasks', { timeout: 300_000 }, () => {
  it('ends as it should, whatever ends it and wherever its tasks wait', async () => {
    const { ways, wrong } = await rounds(1);
    expect(wrong).toEqual({});
    expect(ways).toBeGreaterThan(25);
  });

  it('leaves no thread, descriptor or mapping behind', async () => {
    const { wrong, first, last } = await rounds(8, 'terminated in await_');
    expect(wrong).toEqual({});
    // Carriers are kept for the next worker. How many were needed at once differs a little from round to round.
    expect(last.fds).toBe(first.fds);
    expect(last.threads).toBeLessThanOrEqual(first.threads + 8);
    expect(last.maps).toBeLessThanOrEqual(first.maps + 40);
  });
});

describe('tasks in several processes and isolates', () => {
  it('hand over by shared memory, and end with fork and cluster as without aevent', async () => {
    const { backend } = await json<{ backend: string }>(['setup.mjs', 'nothing']);
    expect(await json(['--import', 'aevent/register', 'processes.mjs'])).toEqual({
      shared: [400, [0, 0], true],
      forked: [backend, 6],
      clustered: [
        ['page'],
        [
          [4, null],
          [null, 'SIGTERM'],
        ],
      ],
    });
  });
});

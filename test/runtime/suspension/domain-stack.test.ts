// node:domain in programs whose calls suspend, against what the same programs see in plain Node.
import { expect, it } from 'vitest';
import { json } from '../child.js';

interface Seen {
  readonly found: Record<string, string[][]>;
  readonly longest: number;
}

const flags = ['--no-deprecation', 'domain-programs.mjs'];
const programs = (seed: number, ...more: string[]): Promise<Seen[]> =>
  Promise.all([
    json<Seen>([...flags, String(seed), '25', ...more]),
    json<Seen>(['--import', 'aevent/auto', ...flags, String(seed), '25', ...more]),
  ]);

it.concurrent('each function sees its own domains, and errors reach them, as in plain Node', async () => {
  const [plain, suspending] = await programs(1);
  expect(Object.keys(plain?.found ?? {}).length).toBe(25);
  expect(suspending?.found).toEqual(plain?.found);
});

it.concurrent('domains that a throw has gone through do not pile up', async () => {
  const [plain, suspending] = await programs(100, 'leaks');
  expect(suspending?.longest).toBeLessThanOrEqual(2 * (plain?.longest ?? 0));
});

it.concurrent('domains that a throw has gone through do not pile up where many functions suspend', async () => {
  expect(
    await json<number>(['--import', 'aevent/auto', '--no-deprecation', 'domain-throws.mjs']),
  ).toBeLessThan(8);
});

// Cancels every suspending function before, while and as it completes: see run.mjs. A module's rows are in rows/.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

interface Found {
  uncovered: string[];
  rows: Record<string, string | { interrupted: number; ended: number }>;
}

const here = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(`${here}rows`).map((name) => `./rows/${name}`);
const { NODE_OPTIONS: _, ...env } = process.env;

async function find(some: readonly string[]): Promise<Record<string, Found>> {
  const args = ['--import', 'aevent/register', 'run.mjs', ...some];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: here, env, timeout: 110_000 });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}

// They mostly wait, so two processes have half of the files each.
const parts = [0, 1].map((part) => files.filter((_, at) => at % 2 === part));
const found: Record<string, Found> = Object.assign({}, ...(await Promise.all(parts.map(find))));

describe.each(Object.entries(found))('cancelling what %s lists', (_, { uncovered, rows }) => {
  it('leaves out no function that suspends', () => {
    expect(uncovered).toEqual([]);
  });

  it.each(Object.entries(rows))('%s', (_, result) => {
    expect(result).toEqual({ interrupted: expect.any(Number), ended: expect.any(Number) });
  });
});

// Makes every suspending call of the table near the end of the stack: see overflow.mjs.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const here = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(`${here}rows`).map((name) => `./rows/${name}`);
const { NODE_OPTIONS: _, ...env } = process.env;
const args = ['--import', 'aevent/register', 'overflow.mjs', ...files];
const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: here, env, timeout: 110_000 });
const found = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;

const clean = {
  ended: 'ended',
  kinds: ['RangeError: Maximum call stack size exceeded'],
  live: 0,
  parked: 0,
};

it.each(Object.entries(found))('%s at the end of the stack leaves nothing parked', (_, result) => {
  expect(result).toEqual(clean);
});

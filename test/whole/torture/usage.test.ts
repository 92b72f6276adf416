import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { drive } from '../../../integration/torture/drive.mjs';

const run = fileURLToPath(new URL('../../../integration/torture/run.mjs', import.meta.url));

function torture(...args: string[]): Promise<{ code: number; stderr: string; stdout: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [run, ...args], (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

it.each([
  [['nonsense'], "unknown part 'nonsense'. Valid are: callbacks"],
  [['--node', '7'], "unknown node '7'. Valid are: 20, 22, 24, 26"],
  [['--backend', 'rope'], "unknown backend 'rope'. Valid are: fiber, thread"],
  [['--minutes', 'some'], "--minutes takes a number, not 'some'"],
  [['--soft'], "Unknown option '--soft'"],
])('`npm run torture -- %s` is a usage error', async (args, message) => {
  const { code, stdout, stderr } = await torture(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).toContain('usage: npm run torture');
});

it('an unknown case is a usage error', async () => {
  const major = process.versions.node.split('.')[0] as string;
  const { code, stderr } = await torture('--node', major, '--case', 'sleeping on nails');
  expect(code).toBe(2);
  expect(stderr).toContain("unknown case 'sleeping on nails'");
});

it('a case that ends its process is named, and those after it still run', async () => {
  const seen: [string, string | undefined][] = [];
  const setting = { node: process.execPath, backend: 'fiber', seed: 1, passes: 1, rounds: 1, hungMs: 20_000 };
  const names = ['getter and setter', 'process that dies', 'switch'];
  await drive(names, { ...setting, flags: [`--import=${dying}`] }, (name, failure) => {
    seen.push([name, failure]);
  });
  expect(seen.map(([name]) => name)).toEqual(names);
  expect(seen.map(([, failure]) => failure?.split('\n')[0])).toEqual([
    undefined,
    'the process died (SIGABRT)',
    undefined,
  ]);
});

// A case of the table that aborts, added in the child.
const dying = `data:text/javascript,${encodeURIComponent(`
  import { table } from ${JSON.stringify(new URL('../../../integration/torture/table.mjs', import.meta.url).href)};
  table.push({ name: 'process that dies', run: () => process.abort(), expected: 0 });
`)}`;

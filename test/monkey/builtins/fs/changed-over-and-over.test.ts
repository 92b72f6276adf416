// A piece that has a file in hand, read and not yet replaced, is not put aside: see runtime/patching/changed-files.ts.
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

const program = new URL('changed-over-and-over.mjs', import.meta.url).pathname;

function run(way: string, ...flags: string[]): { changes: number; isInterleaved: boolean } {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return JSON.parse(execFileSync(process.execPath, [...flags, program, way], { encoding: 'utf8', env }));
}

it.each([
  ['reads and replaces', true],
  ['reads and writes', true],
  ['reads by a relative path, writes by a URL', true],
  ['reads by a link, replaces where it leads to', true],
  ['reads, writes through a descriptor', true],
  ['reads and writes through one descriptor', true],
  ['reads, cuts and appends to', true],
  ['reads once', false],
])('no change of a file is lost where each of many pieces %s it over and over', (way, isInterleaved) => {
  const natively = run(way);
  expect(natively.isInterleaved).toBe(false);
  expect(run(way, '--import', 'aevent/auto')).toEqual({ changes: natively.changes, isInterleaved });
});

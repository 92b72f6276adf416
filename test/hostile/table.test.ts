// Each suspending call of the cancellation table in a process that has turned hostile: see table.mjs.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const here = fileURLToPath(new URL('.', import.meta.url));
const rows = '../whole/cancel-table/rows/';
const all = [...readdirSync(here + rows).map((name) => rows + name), './rows.mjs'];

const modes: [string, string][] = [
  ['replaced', 'calls nothing that the program has put in the place of a method or global function'],
  ['faked', 'goes on while a test has replaced what its clock replaces'],
  ['exiting', 'works below a process.emit of the program while the process is exiting'],
];

const { NODE_OPTIONS: _, ...env } = process.env;
type Found = Record<string, Record<string, string | string[]>>;

async function find(mode: string, files: string[]): Promise<Found> {
  const args = ['--import', 'aevent/register', 'table.mjs', mode, ...files];
  const options = { cwd: here, env, timeout: 110_000, maxBuffer: 2 ** 26 };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  const found = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Found;
  // While exiting, only what ends by itself is asked for.
  return Object.fromEntries(Object.entries(found).filter(([, calls]) => Object.keys(calls).length > 0));
}

// Most of the time they wait for what never ends by itself, so the files are divided among two processes.
const parts = [0, 1].map((part) => all.filter((_, at) => at % 2 === part));
const results = await Promise.all(
  modes.map(async ([mode]) => {
    const found = await Promise.all(parts.map((files) => find(mode, files)));
    return Object.assign({}, ...found) as Found;
  }),
);

describe.each(modes.map(([, sentence], at) => [sentence, results[at] as Found] as const))(
  'each call %s',
  (_, files) => {
    describe.each(Object.entries(files))('of %s', (_file, calls) => {
      it.each(Object.entries(calls))('%s', (_call, result) => {
        expect(result).toBe('ok');
      });
    });
  },
);

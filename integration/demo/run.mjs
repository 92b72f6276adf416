// Runs real packages from npm, unmodified, natively and under aevent, and prints what came of it.
// node integration/demo/run.mjs [--node <binary>] [row …]
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { install } from '../support/install.mjs';
import { formatTable } from '../support/table.mjs';
import { judge } from './judge.mjs';
import { measure } from './measure.mjs';

const ORDER = [
  'shelljs',
  'sync-request',
  'jsdom',
  'sass-promise',
  'sass-child',
  'handlebars',
  'files',
  'curl',
  'markdown',
  'regexp',
];

const folder = import.meta.dirname;
const { values, positionals } = parseArgs({
  options: { node: { type: 'string', default: process.execPath } },
  allowPositionals: true,
});
const names = readdirSync(join(folder, 'rows')).map((file) => basename(file, '.mjs'));
names.sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
for (const name of positionals) {
  if (!names.includes(name)) throw new TypeError(`There is no row '${name}'. The rows: ${names.join(', ')}`);
}

install(folder);
const rows = [];
const wrongs = [];
for (const name of positionals.length > 0 ? positionals : names) {
  process.stderr.write(`${name} … `);
  const runs = { natively: [], aevent: [] };
  let rounds = 1;
  for (let round = 0; round < rounds; round++) {
    for (const way of ['natively', 'aevent']) {
      runs[way].push(await measure(values.node, join(folder, 'rows', `${name}.mjs`), way));
    }
    rounds = runs.natively[0].row?.repeat ?? 1;
  }
  const { cells, reasons } = judge(runs);
  process.stderr.write(reasons.length > 0 ? 'wrong\n' : 'right\n');
  rows.push(cells);
  wrongs.push(...reasons.map((reason) => `${name}: ${reason}`));
}

const columns = [
  'package',
  'what it does',
  'natively',
  'longest gap',
  'under aevent',
  'longest gap',
  'at once',
];
console.log(`\n${formatTable(columns, rows)}\n`);
if (wrongs.length > 0) {
  console.error(`Not as it should be:\n${wrongs.map((wrong) => `- ${wrong}`).join('\n')}`);
  process.exitCode = 1;
}

// Measures aevent against its peers and against plain Node, and says what is reached.
// node integration/bench/run.mjs [--json <file>] [--node <binary>] [benchmark …]
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';
import { parseArgs } from 'node:util';
import { install } from '../support/install.mjs';
import { formatTable } from '../support/table.mjs';
import { format } from './criteria.mjs';
import { Lab } from './lab.mjs';

const NAMES = [
  'switch',
  'await',
  'task',
  'task-group',
  'sync',
  'memory',
  'http-sleep',
  'http-idle',
  'http-auto',
  'tcp-echo',
  'fetch',
  'startup',
  'worker',
];

const { values, positionals } = parseArgs({
  options: { json: { type: 'string' }, node: { type: 'string', default: process.execPath } },
  allowPositionals: true,
});
for (const name of positionals) {
  if (!NAMES.includes(name)) {
    throw new TypeError(`There is no benchmark '${name}'. The benchmarks: ${NAMES.join(', ')}`);
  }
}

install(import.meta.dirname);
const lab = new Lab(values.node);
const node = execFileSync(values.node, ['-p', 'process.version'], { encoding: 'utf8' }).trim();
const report = {
  node,
  machine: `${platform()} ${arch()}, ${cpus().length} × ${cpus()[0].model}`,
  benchmarks: {},
};
for (const name of positionals.length > 0 ? positionals : NAMES) {
  process.stderr.write(`${name} … `);
  const { measure } = await import(`./benchmarks/${name}.mjs`);
  try {
    report.benchmarks[name] = await measure(lab, Number.parseInt(node.slice(1), 10));
    process.stderr.write('done\n');
  } catch (error) {
    report.benchmarks[name] = { measured: [], criteria: [], failure: error.message };
    process.stderr.write('failed\n');
  }
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`);

const all = Object.entries(report.benchmarks);
const measured = all.flatMap(([name, { measured }]) =>
  measured.map(({ what, value, best, unit }) => [
    name,
    what,
    format(value, unit),
    best === undefined ? '–' : format(best, unit),
  ]),
);
const criteria = all.flatMap(([, { criteria }]) =>
  criteria.map(({ what, value, unit, target, met }) => [
    what,
    target,
    format(value, unit),
    met ? 'met' : 'missed',
  ]),
);
console.log(`\n${report.node} on ${report.machine}\n`);
console.log(`${formatTable(['benchmark', 'what', 'median', 'best'], measured)}\n`);
console.log(formatTable(['must reach', 'target', 'measured', ''], criteria));

const failures = all.filter(([, { failure }]) => failure);
for (const [name, { failure }] of failures) console.error(`\n${name} failed: ${failure}`);
if (failures.length > 0 || criteria.some((row) => row[3] === 'missed')) process.exitCode = 1;

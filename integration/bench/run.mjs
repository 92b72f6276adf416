// Measures aevent against its peers and against plain Node, says what is reached, and draws it into integration/README.md.
// node integration/bench/run.mjs [--node <binary or major>] [--json <file>] [--no-draw | --draw-noisy] [benchmark …]
import { writeFileSync } from 'node:fs';
import { cpus, platform, release } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildNative, targetOf } from '../../runtime/native/build.mjs';
import { install } from '../support/install.mjs';
import { ensureNode, NODE_MAJORS } from '../support/node-versions.mjs';
import { formatTable } from '../support/table.mjs';
import { format } from './criteria.mjs';
import { Lab } from './lab.mjs';
import { noise } from './noise.mjs';
import { draw, keep, verdict } from './results.mjs';

const NAMES = [
  'switch',
  'await',
  'task',
  'task-group',
  'sync',
  'memory',
  'collections',
  'http-sleep',
  'http-idle',
  'http-auto',
  'express-auto',
  'tcp-echo',
  'fetch',
  'startup',
  'worker',
  'observing',
  'growth',
  'sqlite',
  'threads',
  'computing',
];

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'string' },
    node: { type: 'string', default: process.execPath },
    'no-draw': { type: 'boolean' },
    'draw-noisy': { type: 'boolean' },
  },
  allowPositionals: true,
});
for (const name of positionals) {
  if (!NAMES.includes(name)) {
    throw new TypeError(`There is no benchmark '${name}'. The benchmarks: ${NAMES.join(', ')}`);
  }
}

/** A path, as seen from here: what is measured runs in other folders. */
async function binaryOf(node) {
  if (NODE_MAJORS.includes(Number(node))) return (await ensureNode(Number(node))).bin;
  return node.includes('/') ? resolve(node) : node;
}

install(import.meta.dirname);
const binary = await binaryOf(values.node);
const { file, built } = await buildNative({ node: binary });
if (built) process.stderr.write(`built ${file}\n`);
const lab = new Lab(binary);
const { version: node } = targetOf(binary);
const report = {
  node,
  machine: `${cpus()[0].model.trim()}, ${cpus().length} processors, ${platform()} ${release().split('-')[0]}`,
  benchmarks: {},
};

// Looked at before each benchmark and after it.
let before = await noise(true);
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
  const after = await noise();
  report.benchmarks[name].noise = before || after;
  before = after;
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
const criteria = all.flatMap(([, { criteria, noise }]) =>
  criteria.map((one) => [one.what, one.target, format(one.value, one.unit), verdict({ ...one, noise })]),
);
console.log(`\nNode ${report.node.slice(1)} on ${report.machine}\n`);
console.log(`${formatTable(['benchmark', 'what', 'median', 'best'], measured)}\n`);
console.log(formatTable(['must reach', 'target', 'measured', ''], criteria));

for (const [name, { noise }] of all) if (noise) console.log(`\n${name}: too noisy to judge, ${noise}`);
const failures = all.filter(([, { failure }]) => failure);
for (const [name, { failure }] of failures) console.error(`\n${name} failed: ${failure}`);
if (!values['no-draw']) {
  const options = { isWhole: positionals.length === 0, evenNoisy: values['draw-noisy'] };
  if (keep(report, options)) draw();
  else
    console.log(
      "\nNot drawn into integration/README.md, which has another machine's results: run all benchmarks.",
    );
}
if (failures.length > 0 || criteria.some((row) => row[3] === 'missed')) process.exitCode = 1;

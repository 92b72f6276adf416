// How costs grow with the number of tasks: a plot, growth.svg, of figures that are kept in growth.json.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureNode } from '../../support/node-versions.mjs';
import { pythonWithGevent } from '../gevent.mjs';
import { plot } from '../plot.mjs';

const COUNTS = [10, 100, 1_000, 10_000, 100_000];
const TITLE = 'How costs grow with the number of tasks';
const LIMIT_MS = 180_000;
/** So many processes, of which the median counts, for at most that many tasks; one for more. */
const PROCESSES = 3;
const FEW = 1_000;
/** 100,000 async functions, each awaited by twenty others, need 2 GB. */
const NODE_FLAGS = ['--expose-gc', '--max-old-space-size=6000'];
const FIBERS = { package: 'fibers@5', node: 14 };

const PANELS = [
  { title: 'Start, until it waits', unit: 'µs of CPU', of: ({ start }) => start },
  { title: 'Wake, until it waits again', unit: 'µs of CPU', of: ({ wake }) => wake },
  { title: 'Hand over, to and fro', unit: 'µs of CPU each', of: ({ switch: each }) => each },
  { title: 'Minor collection', unit: 'ms', of: ({ minor }) => minor },
  { title: 'Full collection', unit: 'ms', of: ({ full }) => full },
  // A process's own memory hides that of a few.
  { title: 'Memory', unit: 'KB each', of: ({ bytes, count }) => (count < 1000 ? 0 : bytes / 1024) },
];

const bench = join(import.meta.dirname, '..');
const contender = (name) => join(bench, 'contenders', name);
const run = promisify(execFile);

/** node-fibers, which runs on Node 14 and no later one, with that Node; undefined where it cannot be had. */
async function nodeFibers() {
  try {
    const { bin } = await ensureNode(FIBERS.node);
    const folder = join(bench, '../../.cache/node-fibers');
    const fibers = join(folder, 'node_modules/fibers');
    if (!existsSync(fibers)) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
      // Its addon for Node 14 is in the package.
      await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', FIBERS.package], {
        cwd: folder,
      });
    }
    return [bin, ['--expose-gc', contender('growth-fibers.cjs')], [fibers]];
  } catch (error) {
    process.stderr.write(`(node-fibers is left out: ${error.message.split('\n')[0]}) `);
    return undefined;
  }
}

/** Each count once, or the median of a few; ends where it fails. */
async function measureAll([command, before, after]) {
  const all = [];
  for (const count of COUNTS) {
    const found = [];
    for (let i = 0; i < (count <= FEW ? PROCESSES : 1); i++) {
      const one = await run(command, [...before, String(count), ...after], { timeout: LIMIT_MS }).then(
        ({ stdout }) => JSON.parse(stdout),
        (error) => void process.stderr.write(`(${count}: ${lastLine(error)}) `),
      );
      if (one === undefined) return all;
      found.push(one);
    }
    all.push(medians(found));
  }
  return all;
}

const lastLine = ({ stderr = '', message }) =>
  stderr.split('\n').find((line) => /Error/.test(line)) ?? message.split('\n')[0];

function medians(found) {
  const keys = Object.keys(found[0]);
  const middle = (key) => found.map((one) => one[key]).sort((a, b) => a - b)[found.length >> 1];
  return Object.fromEntries(keys.map((key) => [key, middle(key)]));
}

/** Costs of 10 to 100,000 tasks that are parked at call depth 20. */
export async function measure({ node }) {
  const python = pythonWithGevent();
  const contenders = {
    aevent: [node, [...NODE_FLAGS, contender('growth-aevent.mjs')], []],
    'node-fibers, Node 14': await nodeFibers(),
    gevent: python && [python, [contender('growth-gevent.py')], []],
    'async functions': [node, [...NODE_FLAGS, contender('growth-async.mjs')], []],
  };
  const names = Object.keys(contenders).filter((name) => contenders[name] !== undefined);
  const series = {};
  for (const name of names) {
    series[name] = await measureAll(contenders[name]);
    if (series[name].length === 0) throw new Error(`nothing could be measured of ${name}`);
  }
  const panels = PANELS.map(({ title, unit, of }) => ({
    title,
    unit,
    lines: names.map((name) =>
      series[name].map((one) => [one.count, of(one)]).filter(([, value]) => value > 0),
    ),
  }));
  writeFileSync(join(bench, 'growth.svg'), plot(TITLE, names, COUNTS, panels));
  writeFileSync(join(bench, 'growth.json'), `${JSON.stringify(series, undefined, 2)}\n`);
  return { measured: [], criteria: [] };
}

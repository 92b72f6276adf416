// Projects of Jest and vitest, whose tests call synchronous code that suspends: in `vm` contexts with copies of aevent, in
// Workers and in processes. Run by ../programs.mjs
import { join } from 'node:path';
import { install } from '../support/install.mjs';
import { runChild } from '../support/run-child.mjs';
import { doorItems } from './door-items.mjs';

const folder = import.meta.dirname;
const jest = join(folder, 'node_modules/jest/bin/jest.js');
const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
const VM_MODULES = ['--experimental-vm-modules', '--no-warnings'];

const RUNS = [
  { title: 'Jest', args: [jest, '--ci', '--testMatch', '**/tests/*.cjs'], tests: 10 },
  { title: 'Jest with --experimental-vm-modules', args: [...VM_MODULES, jest, '--ci'], tests: 20 },
  ...['forks', 'threads', 'vmThreads'].map((pool) => ({
    title: `vitest, pool ${pool}`,
    args: [vitest, 'run', `--pool=${pool}`],
    tests: 10,
  })),
];

async function check({ args, tests }, config) {
  const { ended, stdout, stderr } = await runChild(config, 'register', args, { cwd: folder });
  // Jest reports on stderr.
  const passed = /Tests:?\s+(\d+) passed/.exec(stdout + stderr)?.[1];
  if (ended !== 0 || Number(passed) !== tests) throw new Error(`ended with ${ended}\n${stdout}${stderr}`);
  return `${passed} tests passed`;
}

/** Installs the packages. @returns what there is to check */
export function testRunnerItems() {
  install(folder);
  const own = RUNS.map((run) => ({
    name: run.title,
    title: run.title,
    check: (config) => check(run, config),
  }));
  return [...own, ...doorItems()];
}

// Projects whose tests are tasks by aevent/vitest, aevent/node-test and aevent/jest: green, and red with planted faults. They have a
// copy of the package, as users do: by a link aevent/vitest would find this checkout's vitest. Run by ../programs.mjs
import { cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runChild } from '../support/run-child.mjs';
import { root } from '../support/setup.mjs';

const folder = join(import.meta.dirname, 'doors');
const { faults } = createRequire(import.meta.url)('./doors/tests.cjs');
const jest = join(import.meta.dirname, 'node_modules/jest/bin/jest.js');
const vitest = join(import.meta.dirname, 'node_modules/vitest/vitest.mjs');
/** Of tests.cjs, and the failed ones that are faults. */
const GREEN = 5;
const RED = Object.keys(faults).length;

const RUNS = [
  { name: 'aevent/node-test', args: ['--import', 'aevent/register', '--test', 'node.mjs'], suites: 1 },
  { name: 'aevent/jest', args: [jest, '--ci', '--rootDir', folder] },
  ...['forks', 'threads', 'vmThreads'].map((pool) => ({
    name: `aevent/vitest, pool ${pool}`,
    args: [vitest, 'run', `--pool=${pool}`],
  })),
  { name: 'aevent/vitest/globals', args: [vitest, 'run', '--config', 'vitest-globals.config.mjs'] },
];

/** `12 passed`, `# pass 12`, `ℹ pass 12`. */
function count(word, text) {
  const tests = /^\s*Tests:?\s.*$/m.exec(text)?.[0];
  const found =
    tests === undefined
      ? new RegExp(`^\\S+ ${word} (\\d+)`, 'm').exec(text)
      : new RegExp(`(\\d+) ${word}ed`).exec(tests);
  return Number(found?.[1] ?? 0);
}

async function run({ args }, config, planted) {
  const env = { PLANTED_FAULTS: planted };
  const { ended, stdout, stderr } = await runChild(config, 'plainly', args, { cwd: folder, env });
  const text = stdout + stderr;
  return { ended, text, passed: count('pass', text), failed: count('fail', text) };
}

async function check(item, config) {
  const green = await run(item, config, '0');
  if (green.ended !== 0 || green.passed < GREEN || green.failed > 0)
    throw new Error(`ended with ${green.ended}\n${green.text}`);
  const red = await run(item, config, '1');
  if (red.ended !== 1 || red.failed !== RED || red.passed !== green.passed)
    throw new Error(
      `with faults: ended with ${red.ended}, ${red.passed} passed, ${red.failed} failed\n${red.text}`,
    );
  for (const [title, message] of Object.entries(faults))
    if (!message.test(red.text)) throw new Error(`${title}: nothing says ${message}\n${red.text}`);
  return `${green.passed} tests passed, ${red.failed} planted faults failed`;
}

/** Copies the package into the project. @returns what there is to check */
export function doorItems() {
  const copy = join(folder, 'node_modules/aevent');
  rmSync(copy, { recursive: true, force: true });
  for (const part of ['dist', 'package.json'])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  return RUNS.map((item) => ({ name: item.name, title: item.name, check: (config) => check(item, config) }));
}

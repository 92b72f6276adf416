// A program that bundlers make one file of: with aevent in it, and with aevent kept external, by the option that the error
// AEVENT_BUNDLED names. Run by ../programs.mjs
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { install } from '../support/install.mjs';
import { runChild } from '../support/run-child.mjs';

const run = promisify(execFile);
const folder = import.meta.dirname;

const BUNDLERS = [
  { bundler: 'rollup', output: 'index.mjs' },
  // It writes where aevent's files were when it ran, so the bundle works as long as they are there.
  { bundler: 'webpack', output: 'index.cjs', findsFiles: true },
  { bundler: 'ncc', output: 'index.mjs' },
];

async function expectRun(file, config, way, expected) {
  const { stdout, stderr } = await runChild(config, way, [file], { cwd: folder });
  if (!(stdout + stderr).includes(expected))
    throw new Error(`${file} ${way}: no ${expected}\n${stdout}${stderr}`);
}

async function check({ bundler, output, findsFiles }, config) {
  for (const keep of ['bundled', 'external']) {
    // Below node_modules, where what is external is found.
    const file = join(folder, 'node_modules/.bundles', bundler, keep, output);
    await run(process.execPath, [join(folder, 'bundle.mjs'), bundler, file, keep]);
    await expectRun(file, config, 'register', 'hi true');
    const works = findsFiles || keep === 'external';
    await expectRun(file, config, 'plainly', works ? 'AEVENT_NOTHING_REPLACED' : 'AEVENT_BUNDLED');
  }
  return 'suspends, aevent in the bundle and external';
}

/** Installs the packages. @returns what there is to check */
export function bundlerItems() {
  install(folder);
  return BUNDLERS.map((bundler) => ({
    name: bundler.bundler,
    title: `a bundle of ${bundler.bundler}`,
    check: (config) => check(bundler, config),
  }));
}

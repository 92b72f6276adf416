// The tests that packages ship in their tarballs, run unmodified in a copy of the package.
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild } from '../support/run-child.mjs';

const modules = join(import.meta.dirname, 'node_modules');

// `without`: files left out, for they are red without aevent, too, or decided by chance. `command`: runs all files in one process, as the package's own script does. `flags`: Node's.
const noFolders = 'npm packs no links and no folders named node_modules';
export const SUITES = [
  {
    name: 'mkdirp',
    what: 'folders, synchronously and not',
    without: { 'opts_fs.js': 'mock-fs', 'opts_fs_sync.js': 'mock-fs does not run on these Nodes' },
  },
  {
    name: 'walkdir',
    what: 'walks trees, synchronously and not',
    command: 'tape/bin/tape',
    without: { 'async.js': noFolders, 'nested-symlink.js': noFolders, 'symlink.js': noFolders },
  },
  {
    name: 'resolve',
    what: "Node's resolution, synchronously and not",
    command: 'tape/bin/tape',
    without: Object.fromEntries(
      ['home_paths', 'home_paths_sync', 'node_path', 'pathfilter', 'pathfilter_sync', 'resolver']
        .concat('resolver_sync', 'subdirs', 'symlinks')
        .map((name) => [`${name}.js`, noFolders]),
    ),
  },
  { name: 'json-file-plus', what: 'reads and writes JSON files', command: 'tape/bin/tape' },
  {
    name: 'lockfile',
    what: 'lock files between processes',
    long: true,
    without: {
      'unlock-no-cb.js': 'tap 0.4 finds no test in it',
      'stale-contention.js': 'is decided by how fast ten processes start',
    },
  },
  {
    name: 'sonic-boom',
    what: "pino's writer: writes, flushes, reopens",
    long: true,
    flags: ['--test-reporter=tap'],
    without: { 'helper.js': 'is no test' },
  },
  { name: 'spawn-sync', what: 'child processes', long: true, only: ['index.js'] },
];

// The output of a test, but for durations and places.
function verdicts({ ended, stdout }) {
  const lines = stdout
    .split('\n')
    .filter((line) => /^\s*(not )?ok\b|^# (tests|pass|fail)|^test pass/.test(line));
  return [...lines.map((line) => line.replace(/ # time=.*/, '')), `ended: ${ended}`].join('\n');
}

/** Runs a package's tests one way; gives the verdicts, which say how many files passed, and the whole output. */
export async function runSuite(suite, config, way) {
  const dir = mkdtempSync(join(tmpdir(), `aevent-${suite.name}-`));
  try {
    cpSync(join(modules, suite.name), join(dir, suite.name), { recursive: true });
    symlinkSync(modules, join(dir, 'node_modules'));
    const cwd = join(dir, suite.name);
    const all = suite.only ?? readdirSync(join(cwd, 'test')).filter((file) => file.endsWith('.js'));
    const files = all.filter((file) => !suite.without?.[file]).map((file) => join('test', file));
    const runs = suite.command
      ? [[join(modules, suite.command), ...files]]
      : files.map((file) => [...(suite.flags ?? []), file]);
    const result = { files: files.length, green: true, verdicts: '', output: '' };
    for (const args of runs) {
      const run = await runChild(config, way, args, { cwd });
      const text = verdicts(run);
      result.green &&= run.ended === 0 && !/^\s*not ok/m.test(text);
      result.verdicts += `${text}\n`;
      if (!result.green) result.output += `${args.at(-1)}\n${run.stdout}${run.stderr}`;
    }
    return result;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

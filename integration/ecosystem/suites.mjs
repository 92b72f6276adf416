// The tests that packages ship in their tarballs, run in a copy of the package, unmodified but for the path /tmp.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { runChild } from '../support/run-child.mjs';

const MOST_REPEATS = 3;

const modules = join(import.meta.dirname, 'node_modules');

// `without`: files left out, for they are red without aevent, too, or decided by chance. `writesInTmp`: files named by chance in /tmp itself, which meet those of earlier runs; they get a folder. `anyOrder`: files whose verdicts come in an order that Node does not fix. `byChance`: files that are now and then red without aevent, too, which are run again then. `command`: runs all files in one process, as the package's own script does. `flags`: Node's.
const noFolders = 'npm packs no links and no folders named node_modules';
export const SUITES = [
  {
    name: 'mkdirp',
    what: 'folders, synchronously and not',
    without: { 'opts_fs.js': 'mock-fs', 'opts_fs_sync.js': 'mock-fs does not run on these Nodes' },
    writesInTmp: true,
    anyOrder: { 'race.js': 'makes one folder twice at once, in the thread pool' },
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
    byChance: {
      'flush.test.js':
        'destroy() while it reopens may close a descriptor twice (EBADF): in 6 of 160 runs of plain Node',
    },
  },
  { name: 'spawn-sync', what: 'child processes', long: true, only: ['index.js'] },
];

// The output of a test, but for durations and places; in any order, without the numbers of the verdicts.
function verdicts({ ended, stdout }, anyOrder) {
  const lines = stdout
    .split('\n')
    .filter((line) => /^\s*(not )?ok\b|^# (tests|pass|fail)|^test pass/.test(line));
  const told = lines.map((line) => line.replace(/ # time=.*/, ''));
  const compared = anyOrder ? told.map((line) => line.replace(/ok \d+/, 'ok')).sort() : told;
  return [...compared, `ended: ${ended}`].join('\n');
}

function writeIn(folder, tests) {
  mkdirSync(folder);
  for (const file of readdirSync(tests)) {
    const text = readFileSync(join(tests, file), 'utf8');
    writeFileSync(join(tests, file), text.replace(/(?<=['/])tmp(?=['/])/g, folder.slice(1)));
  }
}

/** Runs a package's tests one way; gives the verdicts, which say how many files passed, and the whole output. */
export async function runSuite(suite, config, way) {
  const dir = mkdtempSync(join(tmpdir(), `aevent-${suite.name}-`));
  try {
    cpSync(join(modules, suite.name), join(dir, suite.name), { recursive: true });
    symlinkSync(modules, join(dir, 'node_modules'));
    const cwd = join(dir, suite.name);
    if (suite.writesInTmp) writeIn(join(dir, 'tmp'), join(cwd, 'test'));
    const all = suite.only ?? readdirSync(join(cwd, 'test')).filter((file) => file.endsWith('.js'));
    const files = all.filter((file) => !suite.without?.[file]).map((file) => join('test', file));
    const runs = suite.command
      ? [[join(modules, suite.command), ...files]]
      : files.map((file) => [...(suite.flags ?? []), file]);
    const result = { files: files.length, green: true, verdicts: '', output: '' };
    for (const args of runs) {
      const file = basename(args.at(-1));
      const again = () => runChild(config, way, args, { cwd });
      let run = await again();
      for (let i = 0; i < MOST_REPEATS && run.ended !== 0 && suite.byChance?.[file]; i++) run = await again();
      const text = verdicts(run, file in (suite.anyOrder ?? {}));
      result.green &&= run.ended === 0 && !/^\s*not ok/m.test(text);
      result.verdicts += `${text}\n`;
      if (!result.green) result.output += `${args.at(-1)}\n${run.stdout}${run.stderr}`;
    }
    return result;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

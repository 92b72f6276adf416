// From a fresh clone to something that runs: dependencies, TypeScript, the native addon for the Node that runs
// (--all: for every supported Node). Each step is skipped when its result is up to date.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildNative } from '../../runtime/native/build.mjs';
import { ensureNode, NODE_MAJORS } from './node-versions.mjs';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const ROOMS = ['loader', 'monkey', 'runtime'];

function run(command, args) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (status === 0) return;
  const how = error?.message ?? signal ?? `exit code ${status}`;
  throw new Error(`${command} ${args.join(' ')} failed (${how})\n${stdout ?? ''}${stderr ?? ''}`);
}

// npm keeps a copy of the lock file beside what it installed; optional packages of other platforms are not in it.
function dependenciesAreInstalled() {
  const hidden = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(hidden)) return false;
  const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const present = packagesOf(hidden);
  return Object.entries(packagesOf(join(root, 'package-lock.json'))).every(
    ([path, { optional, version }]) => path === '' || optional || present[path]?.version === version,
  );
}

/** Runs `npm ci` unless node_modules holds what package-lock.json says. */
export function installDependencies() {
  if (!dependenciesAreInstalled()) run('npm', ['ci', '--no-audit', '--no-fund']);
}

const filesUnder = (dir) =>
  existsSync(dir)
    ? readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];

// A file that tsc wrote for a source that is gone would still be imported, and packed.
function removeStaleOutput(sources) {
  const kept = new Set(sources.map((file) => file.slice(root.length + 1).replace(/\.ts$/, '')));
  for (const file of ROOMS.flatMap((room) => filesUnder(join(root, 'dist', room)))) {
    const name = file.slice(join(root, 'dist/').length).replace(/\.(d\.ts|js|js\.map)$/, '');
    if (!kept.has(name)) rmSync(file);
  }
}

/** Compiles the TypeScript into dist/ unless nothing has changed since the last time. */
export function buildTypeScript() {
  const sources = ROOMS.flatMap((room) => filesUnder(join(root, room))).filter((file) =>
    file.endsWith('.ts'),
  );
  const hash = createHash('sha256');
  for (const file of [
    join(root, 'tsconfig.json'),
    join(root, 'package.json'), // its version is built in
    join(root, 'integration/support/bundle.mjs'),
    join(root, 'integration/support/augmentations.mjs'),
    join(root, 'integration/support/facades.mjs'),
    ...sources.sort(),
  ])
    hash.update(file).update(readFileSync(file));
  const stamp = join(root, '.cache/typescript-fingerprint');
  const wanted = hash.digest('hex');
  const built = existsSync(join(root, 'dist/runtime')) && existsSync(stamp) && readFileSync(stamp, 'utf8');
  if (built === wanted) return;
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
  removeStaleOutput(sources);
  run(process.execPath, ['integration/support/bundle.mjs']);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** Builds the native addon for those Node lines; without an argument for the Node that runs. */
export async function buildNativeCores(majors) {
  const nodes = majors
    ? await Promise.all(majors.map((major) => ensureNode(major)))
    : [{ bin: process.execPath }];
  for (const { bin } of nodes) {
    const { file, built } = await buildNative({ node: bin });
    if (built) console.log(`built ${file}`);
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    installDependencies();
    buildTypeScript();
    await buildNativeCores(process.argv.includes('--all') ? NODE_MAJORS : undefined);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

// Node binaries with their headers, from the npm registry: npm's packages node-<platform>-<arch> hold both.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The supported lines, oldest first. */
export const NODE_MAJORS = [20, 22, 24, 26];

const cacheDir = resolve(dirname(fileURLToPath(import.meta.url)), '../../.cache/node-versions');
const majorOf = (version) => Number(version.split('.')[0]);

function runningNode() {
  const prefix = dirname(dirname(process.execPath));
  const hasHeaders = existsSync(join(prefix, 'include/node/node_version.h'));
  return hasHeaders ? { bin: process.execPath, version: process.versions.node, prefix } : undefined;
}

function installed(dir, packageName) {
  const prefix = join(dir, 'node_modules', packageName);
  const bin = join(prefix, 'bin/node');
  if (!existsSync(bin)) return undefined;
  return { bin, version: JSON.parse(readFileSync(join(prefix, 'package.json'), 'utf8')).version, prefix };
}

/**
 * A Node of that line, installed into .cache/node-versions unless it is there or is the one that runs.
 * @param arch - another architecture's binary cannot be the one that runs
 * @returns its executable, its version, and the prefix whose include/node holds the headers
 */
export async function ensureNode(major, arch = process.arch) {
  if (major === majorOf(process.versions.node) && arch === process.arch) {
    const running = runningNode();
    if (running) return running;
  }
  const packageName = `node-${process.platform}-${arch}`;
  const dir = join(cacheDir, arch === process.arch ? String(major) : `${major}-${arch}`);
  const present = installed(dir, packageName);
  if (present) return present;
  // Installed aside and renamed: an interrupted install is never taken for a whole one, and two may run at once.
  mkdirSync(cacheDir, { recursive: true });
  const aside = mkdtempSync(`${dir}-`);
  writeFileSync(join(aside, 'package.json'), '{ "private": true }\n'); // keeps npm from climbing to the project's
  try {
    // --force: another architecture's package is wanted on purpose.
    const args = ['install', '--force', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
    await promisify(execFile)('npm', [...args, `${packageName}@${major}`], { cwd: aside });
    if (!installed(dir, packageName)) renameSync(aside, dir);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return installed(dir, packageName);
}

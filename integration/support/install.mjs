// Installs the packages of one folder of integration/.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/**
 * Installs the locked packages of `folder` without running any of their scripts, and links this checkout's
 * `aevent` in among them. Does nothing when the lock has not changed since the last time.
 */
export function install(folder) {
  const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  const stamp = join(folder, 'node_modules/.installed-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;

  console.error(`Installing the packages of ${folder} …`);
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (npm.error) throw npm.error;
  if (npm.status !== 0) throw new Error(`npm ci failed in ${folder} with exit code ${npm.status}`);
  // npm would reify the whole workspace for a "file:" dependency; a link is all that is wanted.
  symlinkSync(root, join(folder, 'node_modules/aevent'), 'junction');
  writeFileSync(stamp, lock);
}

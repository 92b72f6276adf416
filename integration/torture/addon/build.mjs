// Builds the addons that the tests call. Node-API is the same for all versions, so one binary serves them; it is built
// against the headers of whichever Node is at hand.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensureNode } from '../../support/node-versions.mjs';

const dir = resolve(import.meta.dirname, '../../../.cache/torture');
const fileOf = (name) => join(dir, `${name}-${process.platform}-${process.arch}.node`);

/** Where the binary of addon.c is, or will be. */
export const addonFile = fileOf('addon');

/**
 * Builds an addon unless it is there and newer than its source.
 * @param name - that of its source in this folder
 * @returns its file
 */
export async function buildAddon(name = 'addon') {
  const source = join(import.meta.dirname, `${name}.c`);
  const file = fileOf(name);
  if (existsSync(file) && statSync(file).mtimeMs > statSync(source).mtimeMs) return file;
  mkdirSync(dir, { recursive: true });
  const { prefix } = await ensureNode(Number(process.versions.node.split('.')[0]));
  const aside = `${file}.${process.pid}`;
  const linking = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
  const args = [
    '-shared',
    '-fPIC',
    '-O2',
    ...linking,
    '-I',
    join(prefix, 'include/node'),
    source,
    '-o',
    aside,
  ];
  const { status, error, stderr } = spawnSync(process.env.CC ?? 'cc', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the test addon could not be built: ${error?.message ?? stderr}`);
  renameSync(aside, file);
  return file;
}

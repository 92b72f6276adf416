// Builds the addon that calls back. Node-API is the same for all versions, so one binary serves them; it is built
// against the headers of whichever Node is at hand.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensureNode } from '../../support/node-versions.mjs';

const source = join(import.meta.dirname, 'addon.c');
const dir = resolve(import.meta.dirname, '../../../.cache/torture');

/** Where the binary is, or will be. */
export const addonFile = join(dir, `addon-${process.platform}-${process.arch}.node`);

/** Builds it unless it is there and newer than its source. */
export async function buildAddon() {
  if (existsSync(addonFile) && statSync(addonFile).mtimeMs > statSync(source).mtimeMs) return;
  mkdirSync(dir, { recursive: true });
  const { prefix } = await ensureNode(Number(process.versions.node.split('.')[0]));
  const aside = `${addonFile}.${process.pid}`;
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
  renameSync(aside, addonFile);
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fsExtra from 'fs-extra';
import { globSync } from 'glob';
import { rimrafSync } from 'rimraf';

const FILES = 3000;
const FILES_PER_FOLDER = 30;
const FILE_BYTES = 4096;

export const row = {
  packages: ['glob', 'fs-extra', 'rimraf'],
  what: `glob, copy and delete a tree of ${FILES} files`,
  expected: [`${FILES} found, ${FILES} copied, 0 left`],
  atOnce: 1,
  maxGapMs: 50,
  maxTimesNative: 1.3,
  repeat: 3,
};

export async function prepare() {
  const folder = mkdtempSync(join(tmpdir(), 'aevent-demo-'));
  const contents = Buffer.alloc(FILE_BYTES, 'aevent ');
  for (let i = 0; i < FILES; i++) {
    const within = join(folder, 'tree', `${Math.floor(i / 300)}`, `${Math.floor(i / FILES_PER_FOLDER)}`);
    if (i % FILES_PER_FOLDER === 0) mkdirSync(within, { recursive: true });
    writeFileSync(join(within, `${i}.txt`), contents);
  }
  return folder;
}

export async function run({ together }, folder) {
  const [tree, copy] = [join(folder, 'tree'), join(folder, 'copy')];
  const results = await together(1, () => {
    const found = globSync('**/*.txt', { cwd: tree }).length;
    fsExtra.copySync(tree, copy);
    const copied = globSync('**/*.txt', { cwd: copy }).length;
    rimrafSync(copy);
    const left = globSync('**/*.txt', { cwd: copy }).length;
    return `${found} found, ${copied} copied, ${left} left`;
  });
  return { results, atOnce: 1 };
}

export async function cleanUp(folder) {
  rmSync(folder, { recursive: true });
}

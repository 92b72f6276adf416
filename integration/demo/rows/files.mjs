// Row: a tree of files is listed, copied and deleted beside a heartbeat.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fsExtra from 'fs-extra';
import { globSync } from 'glob';
import { rimrafSync } from 'rimraf';

const FILES = 3000;
const FILES_PER_FOLDER = 30;
const FOLDERS_PER_FOLDER = 10;
const FILE_BYTES = 4096;
const ROUNDS = 3;

// In memory, where that is to be had: the pauses of a disk are many times what is compared here.
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export const row = {
  packages: ['glob', 'fs-extra', 'rimraf'],
  what: `glob, copy and delete ${FILES} files, ${ROUNDS} times`,
  expected: Array(ROUNDS).fill(`${FILES} found, ${FILES} copied, 0 left`),
  atOnce: 1,
  // A walk makes one call a folder, after which glob computes: those hundred calls and what lies between them are not put aside.
  maxGapMs: 250,
  // fs-extra tries each path of the copy first: half of what it takes longer is the stacks of 3,000 ENOENT, which are taken
  // twice so that they begin in the program.
  maxTimesNative: 1.5,
  repeat: 5,
};

export async function prepare() {
  const folder = mkdtempSync(join(place, 'aevent-demo-'));
  const contents = Buffer.alloc(FILE_BYTES, 'aevent ');
  for (let i = 0; i < FILES; i++) {
    const inner = Math.floor(i / FILES_PER_FOLDER);
    const within = join(folder, 'tree', `${Math.floor(inner / FOLDERS_PER_FOLDER)}`, `${inner}`);
    if (i % FILES_PER_FOLDER === 0) mkdirSync(within, { recursive: true });
    writeFileSync(join(within, `${i}.txt`), contents);
  }
  return folder;
}

export async function run({ together }, folder) {
  const [tree, copy] = [join(folder, 'tree'), join(folder, 'copy')];
  const copyAndDelete = () => {
    const found = globSync('**/*.txt', { cwd: tree }).length;
    fsExtra.copySync(tree, copy);
    const copied = globSync('**/*.txt', { cwd: copy }).length;
    rimrafSync(copy);
    const left = globSync('**/*.txt', { cwd: copy }).length;
    return `${found} found, ${copied} copied, ${left} left`;
  };
  const [results] = await together(1, () => Array.from({ length: ROUNDS }, copyAndDelete));
  return { results: [].concat(results), atOnce: 1 };
}

export async function cleanUp(folder) {
  rmSync(folder, { recursive: true });
}

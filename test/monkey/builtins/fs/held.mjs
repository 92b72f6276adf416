// What a call that goes to the pool, or waits, works on is what it was at the moment of the call. In each scene a task makes
// one call while all of libuv's threads are taken, and other code changes everything under it. Prints JSON: what differs
// from what synchronous code finds in plain Node.
import { spawnSync } from 'node:child_process';
import { pbkdf2 } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import aevent from 'aevent';
import * as os from 'aevent/os';

const LARGE = 1 << 20;
const root = fs.mkdtempSync(join(tmpdir(), 'held-'));
const start = process.cwd();
let count = 0;
const file = (contents = '') => {
  const path = join(root, `${count++}`);
  fs.writeFileSync(path, contents);
  return path;
};
const large = (letter) => Buffer.alloc(LARGE, letter);
/** `a×1048576`: what bytes are, and how many. */
const brief = (bytes) =>
  [...new Set(bytes.toString('latin1'))].map((letter) => `${letter}×${bytes.length}`).join(' ');
const read = (path) => brief(fs.readFileSync(path));
const plain = (call) => aevent.native(call);

function takePool() {
  const jobs = Array.from(
    { length: 4 },
    () => new Promise((resolve) => pbkdf2('', '', 15_000, 64, 'sha512', resolve)),
  );
  return Promise.all(jobs);
}

const differences = {};
const descriptors = () => fs.readdirSync('/proc/self/fd').length;
await takePool();
await aevent.call(() => spawnSync('true')); // libuv keeps some descriptors from the first one on
const before = descriptors();
async function scene(name, expected, call, change, outcome = (value) => value) {
  const pool = takePool();
  const result = aevent.call(call);
  await new Promise(setImmediate);
  plain(change);
  let found;
  try {
    found = outcome(await result);
  } catch (error) {
    found = String(error);
  }
  await pool;
  if (JSON.stringify(found) !== JSON.stringify(expected)) differences[name] = found;
}

/** Closes a descriptor, and opens another file, which gets its number. */
function reuse(fd, path, flags = 'r+') {
  fs.closeSync(fd);
  const other = fs.openSync(path, flags);
  if (other !== fd) throw new Error(`${other} is not ${fd}`);
  return other;
}

for (const [name, write] of Object.entries({
  writeSync: (fd, bytes) => fs.writeSync(fd, bytes),
  writevSync: (fd, bytes) => fs.writevSync(fd, [bytes]),
  writeFileSync: (fd, bytes) => fs.writeFileSync(fd, bytes),
  appendFileSync: (fd, bytes) => fs.appendFileSync(fd, bytes),
  'os.write': (fd, bytes) => os.write(fd, bytes),
})) {
  const [mine, other] = [file(), file()];
  const fd = fs.openSync(mine, 'r+');
  const bytes = large('a');
  await scene(
    `${name} of a descriptor that is closed meanwhile`,
    [`a×${LARGE}`, ''],
    () => write(fd, bytes),
    () => {
      reuse(fd, other);
      bytes.fill('b');
    },
    () => [read(mine), read(other)],
  );
  fs.closeSync(fd);
}

for (const [name, readAll] of Object.entries({
  readSync: (fd, bytes) => fs.readSync(fd, bytes, 0, LARGE, null),
  readvSync: (fd, bytes) => fs.readvSync(fd, [bytes.subarray(0, 5), bytes.subarray(5)]),
  readFileSync: (fd, bytes) => fs.readFileSync(fd).copy(bytes),
  'os.read': (fd, bytes) => os.read(fd, LARGE).copy(bytes),
})) {
  const [mine, other] = [file(large('a')), file(large('b'))];
  const fd = fs.openSync(mine, 'r');
  const bytes = Buffer.alloc(LARGE);
  await scene(
    `${name} of a descriptor that is closed meanwhile`,
    [`a×${LARGE}`, 0],
    () => {
      readAll(fd, bytes);
      return brief(bytes);
    },
    () => {
      reuse(fd, other, 'r');
      bytes.fill('c');
    },
    (found) => [found, fs.readSync(fd, Buffer.alloc(1)) - 1],
  );
  fs.closeSync(fd);
}

for (const flush of ['fsyncSync', 'fdatasyncSync']) {
  const fd = fs.openSync(file(), 'r+');
  await scene(
    `${flush} of a descriptor that is closed meanwhile`,
    'done',
    () => {
      fs[flush](fd);
      return 'done';
    },
    () => reuse(fd, '/proc/self/status', 'r'),
  );
  fs.closeSync(fd);
}

for (const name of ['writeFileSync', 'appendFileSync']) {
  const path = file('');
  await scene(
    `${name} of a path that is renamed meanwhile`,
    [`a×${LARGE}`, 'new'],
    () => fs[name](path, large('a')),
    () => {
      fs.renameSync(path, `${path}.1`);
      fs.writeFileSync(path, 'new');
    },
    () => [read(`${path}.1`), fs.readFileSync(path, 'utf8')],
  );
}

{
  const path = file(large('a'));
  await scene(
    'readFileSync of a path that is renamed meanwhile',
    `a×${LARGE}`,
    () => read(path),
    () => {
      fs.renameSync(path, `${path}.1`);
      fs.writeFileSync(path, large('b'));
    },
  );
}

{
  const [source, target] = [file(large('a')), file('old')];
  fs.chmodSync(source, 0o640);
  await scene(
    'copyFileSync of paths that are renamed meanwhile',
    [`a×${LARGE}`, 'new', 0o640],
    () => fs.copyFileSync(source, target),
    () => {
      for (const path of [source, target]) {
        fs.renameSync(path, `${path}.1`);
        fs.writeFileSync(path, 'new');
      }
    },
    () => [read(`${target}.1`), fs.readFileSync(target, 'utf8'), fs.statSync(`${target}.1`).mode & 0o777],
  );
}

{
  const path = file(large('a'));
  const place = join(root, 'many');
  fs.mkdirSync(place);
  const name = 'a'.repeat(200);
  for (let i = 0; i < 500; i++) fs.writeFileSync(join(place, `${name}${i}`), '');
  process.chdir(root);
  await scene(
    'relative paths, while the working directory changes',
    [`a×${LARGE}`, 500, `many/${name}0`, `a×${LARGE}`],
    () => {
      const tasks = aevent.createTaskGroup();
      const handles = [
        () => read(path.slice(root.length + 1)),
        () => fs.readdirSync('many').length,
        () => {
          const first = fs
            .readdirSync('many', { withFileTypes: true })
            .find((entry) => entry.name === `${name}0`);
          return `${first.parentPath ?? first.path}/${first.name}`;
        },
        () => {
          fs.copyFileSync(path.slice(root.length + 1), 'copy');
          return read(join(root, 'copy'));
        },
      ].map((fn) => tasks.startSoon(fn));
      return handles.map((handle) => handle.wait());
    },
    () => process.chdir('/'),
  );
  process.chdir(start);
}

{
  const [here, elsewhere] = ['here', 'elsewhere'].map((name) => join(root, name));
  for (const place of [here, elsewhere]) {
    fs.mkdirSync(join(place, 'tree/part'), { recursive: true });
    for (let i = 0; i < 400; i++) fs.writeFileSync(join(place, `tree/part/${i}`), '');
  }
  const countIn = (...path) => fs.readdirSync(join(...path)).length;
  const trees = {
    cpSync: () => fs.cpSync('tree', 'copy', { recursive: true }),
    'cpSync with a filter': () =>
      fs.cpSync('tree', 'filtered', { recursive: true, filter: (from) => from.startsWith('tree') }),
    rmSync: () => fs.rmSync('tree', { recursive: true }),
  };
  for (const [name, work] of Object.entries(trees)) {
    process.chdir(here);
    await scene(
      `${name} of a tree with a relative path, while the working directory changes`,
      'done',
      () => {
        work();
        return 'done';
      },
      () => process.chdir(elsewhere),
    );
  }
  process.chdir(start);
  const left = [
    countIn(here, 'copy/part'),
    countIn(here, 'filtered/part'),
    fs.existsSync(join(here, 'tree')),
    countIn(elsewhere),
    countIn(elsewhere, 'tree/part'),
  ];
  if (String(left) !== '400,400,false,1,400') differences.trees = left;
}

{
  const path = file('');
  const seen = [];
  await scene(
    'calls on one file while the pool writes it',
    [2 * LARGE + 5, `a×${LARGE}`, `b×${2 * LARGE}`, LARGE, 'c×1', 'c'],
    () => {
      const tasks = aevent.createTaskGroup();
      const log = `${path}.log`;
      fs.writeFileSync(log, '');
      const steps = [
        () => fs.appendFileSync(log, large('1')),
        () => fs.appendFileSync(log, 'small'),
        () => fs.appendFileSync(log, large('2')),
        () => fs.writeFileSync(path, large('a')),
        () => seen.push(read(path)),
        () => fs.writeFileSync(path, Buffer.alloc(2 * LARGE, 'b')),
        () => seen.push(read(path)),
        () => fs.writeFileSync(path, 'c'),
        () => seen.push(read(path)),
        () => fs.copyFileSync(path, `${path}.copy`),
      ].map((fn) => tasks.startSoon(fn));
      for (const step of steps) step.wait();
      const text = fs.readFileSync(log, 'latin1');
      return [
        text.length,
        ...seen.slice(0, 2),
        text.indexOf('small'),
        seen[2],
        fs.readFileSync(`${path}.copy`, 'latin1'),
      ];
    },
    () => {},
  );
}

{
  const [[read1, write1], [read2, write2]] = [os.pipe(), os.pipe()];
  await scene(
    'readSync of a pipe whose descriptor becomes that of another one',
    'first',
    () => {
      const bytes = Buffer.alloc(10);
      return bytes.toString('latin1', 0, fs.readSync(read1, bytes));
    },
    () => {
      reuse(read1, `/proc/self/fd/${read2}`, 'r');
      fs.writeSync(write2, 'second');
      fs.writeSync(write1, 'first');
    },
  );
  for (const fd of [read1, write1, read2, write2]) fs.closeSync(fd);
}

{
  const [[read1, write1], [read2, write2]] = [os.pipe(), os.pipe()];
  const bytes = large('a');
  let got = 0;
  await scene(
    'writeSync to a pipe whose descriptor becomes that of another one',
    [LARGE, LARGE, 'second'],
    () => {
      const tasks = aevent.createTaskGroup();
      const writing = tasks.startSoon(() => fs.writeSync(write1, bytes));
      tasks.startSoon(() => {
        aevent.checkpoint();
        aevent.checkpoint();
        const chunk = Buffer.alloc(65536);
        while (got < LARGE) {
          const length = fs.readSync(read1, chunk);
          if (chunk.subarray(0, length).some((byte) => byte !== 97)) throw new Error('not what was written');
          got += length;
        }
      });
      const written = writing.wait();
      while (got < LARGE) aevent.checkpoint();
      fs.writeSync(write2, 'second');
      return [written, got, os.read(read2, 20).toString()];
    },
    () => {
      reuse(write1, `/proc/self/fd/${write2}`, 'w');
      bytes.fill('b');
    },
  );
  for (const fd of [read1, write1, read2, write2]) fs.closeSync(fd);
}

{
  const bytes = large('a');
  await scene(
    'gzipSync of bytes that change meanwhile',
    `a×${LARGE}`,
    () => brief(gunzipSync(gzipSync(bytes))),
    () => bytes.fill('b'),
  );
}

{
  const [mine, other] = [file(), file()];
  const fd = fs.openSync(mine, 'r+');
  const input = Buffer.from('a');
  const list = ['-c', 'pwd; cat >&3'];
  process.chdir(root);
  await scene(
    'a child that waits for its turn, with a descriptor, a directory and input that are others meanwhile',
    [root, 'a×1', ''],
    () => {
      const tasks = aevent.createTaskGroup();
      const first = tasks.startSoon(() => spawnSync('true'));
      const child = tasks.startSoon(() =>
        spawnSync('sh', list, { stdio: ['pipe', 'pipe', 'inherit', fd], input, encoding: 'utf8' }),
      );
      first.wait(); // or its pipes may still be open at the end
      return child.wait().stdout.trim();
    },
    () => {
      reuse(fd, other);
      input.fill('b');
      process.chdir('/');
    },
    (found) => [found, read(mine), read(other)],
  );
  process.chdir(start);
  fs.closeSync(fd);
}

fs.rmSync(root, { recursive: true });
if (descriptors() !== before) differences.descriptors = descriptors() - before;
console.log(JSON.stringify(differences));

// Runs calls of fs on a disk that fails, natively and in a task, and prints those whose outcome differs. Child of faulty-disk.test.ts.
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import aevent from 'aevent';

const LARGE = Buffer.alloc(700 * 1024, 'x');
const dir = fs.mkdtempSync(`${tmpdir()}/aevent-disk-`);
const file = `${dir}/faulty`;

const withFd = (flags, use) => () => {
  const fd = fs.openSync(file, flags);
  try {
    return use(fd);
  } finally {
    fs.closeSync(fd);
  }
};

const calls = {
  readFileSync: () => fs.readFileSync(file).length,
  'readFileSync as text': () => fs.readFileSync(file, 'utf8').length,
  'readFileSync of a descriptor': withFd('r', (fd) => fs.readFileSync(fd).length),
  readSync: withFd('r', (fd) => fs.readSync(fd, Buffer.alloc(LARGE.length))),
  readvSync: withFd('r', (fd) => fs.readvSync(fd, [Buffer.alloc(LARGE.length)])),
  writeFileSync: () => fs.writeFileSync(file, LARGE),
  'writeFileSync of text': () => fs.writeFileSync(file, 'y'.repeat(LARGE.length)),
  'writeFileSync flushed': () => fs.writeFileSync(file, LARGE, { flush: true }),
  'writeFileSync of a descriptor': withFd('w', (fd) => fs.writeFileSync(fd, LARGE)),
  'writeFileSync of little': () => fs.writeFileSync(file, 'small'),
  appendFileSync: () => fs.appendFileSync(file, LARGE),
  writeSync: withFd('w', (fd) => fs.writeSync(fd, LARGE)),
  writevSync: withFd('w', (fd) => fs.writevSync(fd, [LARGE, LARGE])),
  'fsyncSync and fdatasyncSync': withFd('r+', (fd) => {
    fs.writeSync(fd, LARGE);
    fs.fsyncSync(fd);
    fs.fdatasyncSync(fd);
  }),
  copyFileSync: () => fs.copyFileSync(file, `${dir}/faulty-copy`),
  cpSync: () => fs.cpSync(file, `${dir}/faulty-copy`),
};
const faults = ['read 1', 'write 1', 'write 2', 'fsync 1', 'fsync 2', 'close 1', 'close 2'];

let runs = 0;

function outcome(call, fault) {
  fs.rmSync(`${dir}/faulty-copy`, { force: true });
  fs.rmSync(file, { force: true });
  fs.copyFileSync(`${dir}/whole`, file);
  process.env.FAULT_ID = String(++runs);
  process.env.FAULT = fault;
  const result = {};
  try {
    result.value = call();
  } catch ({ message, code, syscall }) {
    result.error = { message, code, syscall };
  }
  delete process.env.FAULT;
  const names = fs.readdirSync(dir).sort();
  return {
    ...result,
    left: names.map((name) => [name, fs.readFileSync(`${dir}/${name}`, 'latin1').slice(0, 9)]),
  };
}

fs.writeFileSync(`${dir}/whole`, LARGE);
const differences = [];
let failed = 0;
for (const [name, call] of Object.entries(calls))
  for (const fault of faults) {
    if (name === 'readFileSync as text' && fault.startsWith('close')) continue; // Node ends the process.
    const expected = aevent.native(() => outcome(call, fault));
    const found = await aevent.run(() => outcome(call, fault));
    if ('error' in expected) failed++;
    if (!isDeepStrictEqual(found, expected)) differences.push({ name, fault, expected, found });
  }
// In plain Node one read has all of it. In the thread pool there are several.
const late = await aevent.run(() => outcome(calls.readFileSync, 'read 2'));
fs.rmSync(dir, { recursive: true });
console.log(JSON.stringify({ differences, failed, late: late.error?.code }));

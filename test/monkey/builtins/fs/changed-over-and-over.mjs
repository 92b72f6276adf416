// Callbacks that change one file over and over, at once, each with more cheap calls than are free. Prints how many of their changes are in
// the file, and whether any was put aside between two of its own. argv: in which way.
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const CALLBACKS = 8;
const CHANGES = 60;

const dir = fs.mkdtempSync(path.join(tmpdir(), 'aevent-changed-'));
const file = path.join(dir, 'store.json');
const link = path.join(dir, 'link.json');
fs.symlinkSync(file, link);
const read = (from = file) => JSON.parse(fs.readFileSync(from, 'utf8'));
const write = (store) => fs.writeFileSync(file, JSON.stringify(store));
write([]);

function replace(store, to = file) {
  const next = `${file}.next`;
  const fd = fs.openSync(next, 'w');
  fs.writeSync(fd, JSON.stringify(store));
  fs.closeSync(fd);
  fs.statSync(next);
  fs.renameSync(next, to);
}

const look = () => {
  for (let i = 0; i < 5; i++) fs.statSync(file);
};

const ways = {
  'reads and replaces': (by) => {
    const store = read();
    look();
    replace([...store, by]);
  },
  'reads and writes': (by) => {
    const store = read();
    look();
    write([...store, by]);
  },
  'reads by a relative path, writes by a URL': (by) => {
    const store = read(path.relative('', file));
    look();
    fs.writeFileSync(pathToFileURL(file), JSON.stringify([...store, by]));
  },
  'reads by a link, replaces where it leads to': (by) => {
    const store = read(link);
    look();
    replace([...store, by], fs.realpathSync(link));
  },
  'reads, writes through a descriptor': (by) => {
    const store = read();
    look();
    const fd = fs.openSync(file, 'w');
    look();
    fs.writeSync(fd, JSON.stringify([...store, by]));
    fs.closeSync(fd);
  },
  'reads and writes through one descriptor': (by) => {
    const fd = fs.openSync(file, 'r+');
    const store = JSON.parse(fs.readFileSync(fd, 'utf8'));
    look();
    fs.ftruncateSync(fd);
    fs.writeSync(fd, JSON.stringify([...store, by]), 0);
    fs.closeSync(fd);
  },
  'reads, cuts and appends to': (by) => {
    const store = read();
    look();
    fs.truncateSync(file);
    look();
    fs.appendFileSync(file, JSON.stringify([...store, by]));
  },
  'reads once': (by, before) => {
    const store = before ?? read();
    look();
    write([...store, by]);
    return [...store, by];
  },
};

const change = ways[process.argv[2]];
let left = CALLBACKS;
for (let by = 0; by < CALLBACKS; by++) {
  setImmediate(() => {
    let before;
    for (let i = 0; i < CHANGES; i++) before = change(by, before);
    if (--left > 0) return;
    const changes = read();
    fs.rmSync(dir, { recursive: true });
    const turns = changes.filter((one, at) => one !== changes[at - 1]).length;
    console.log(JSON.stringify({ changes: changes.length, isInterleaved: turns > CALLBACKS }));
  });
}

// Runs every case natively and in a task, and prints those whose outcome differs. Child of compare.test.ts.

import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import aevent from 'aevent';
import { cases, plant } from './cases.mjs';

process.removeAllListeners('warning');
process.on('warning', () => {});

const root = fs.mkdtempSync(`${tmpdir()}/aevent-fs-`);
const filter = process.argv[2] ?? '';
const differences = [];

/** What an error shows, without where it was thrown. */
function errorShape(error) {
  if (!(error instanceof Error)) return { thrown: String(error) };
  const own = Object.fromEntries(
    Object.getOwnPropertyNames(error)
      .filter((key) => key !== 'stack')
      .map((key) => [key, error[key]]),
  );
  return { ...own, name: error.name, type: error.constructor.name, hasStack: /\n\s+at /.test(error.stack) };
}

function outcome(run, dir) {
  try {
    return { value: run(fs, dir) };
  } catch (error) {
    return { error: errorShape(error) };
  }
}

function snapshot(dir) {
  return fs
    .readdirSync(dir)
    .sort()
    .map((name) => {
      const path = `${dir}/${name}`;
      const stats = fs.lstatSync(path);
      const what = stats.isDirectory()
        ? snapshot(path)
        : stats.isSymbolicLink()
          ? fs.readlinkSync(path)
          : fs.readFileSync(path, 'latin1');
      return [
        name.replace(/^(temporary-|small|large|empty|tree|link|dead|missing)\w{6}$/, '$1'),
        stats.mode,
        what,
      ];
    });
}

/** The outcome and what it left behind, with the directory's name taken out. */
function shape(result, dir) {
  const hide = (value) => {
    if (typeof value === 'string') return value.replaceAll(dir, '<dir>').replaceAll(dirname(dir), '<parent>');
    if (Array.isArray(value)) return value.map(hide);
    if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
      return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hide(item)]));
  };
  return hide(result);
}

let number = 0;
async function compare(name, run) {
  const dirs = { native: `${root}/${++number}/natively/it`, task: `${root}/${number}/in-task/it` };
  for (const dir of Object.values(dirs)) {
    fs.mkdirSync(dir, { recursive: true });
    plant(fs, dir);
  }
  const natively = outcome(run, dirs.native);
  const inTask = await aevent.call(() => outcome(run, dirs.task));
  const expected = shape([natively, snapshot(dirs.native)], dirs.native);
  const found = shape([inTask, snapshot(dirs.task)], dirs.task);
  if (!isDeepStrictEqual(found, expected)) {
    const isSameOutcome = isDeepStrictEqual(found[0], expected[0]);
    const show = (value) =>
      JSON.stringify(isSameOutcome ? value[1] : value[0], (_, v) =>
        typeof v === 'bigint' ? `${v}n` : v,
      )?.slice(0, 600);
    differences.push({ name, expected: show(expected), found: show(found) });
  }
  for (const dir of Object.values(dirs)) fs.rmSync(dir, { recursive: true, force: true });
}

const names = Object.keys(cases).filter((name) => name.includes(filter));
const descriptors = fs.readdirSync('/proc/self/fd').length;
for (let at = 0; at < names.length; at += 16) {
  await Promise.all(names.slice(at, at + 16).map((name) => compare(name, cases[name])));
}
// Node 20 leaves a directory open whose buffer size it refuses, until that is collected.
setFlagsFromString('--expose-gc');
runInNewContext('gc')();
await new Promise((resolve) => setImmediate(resolve));
const leaked = fs.readdirSync('/proc/self/fd').length - descriptors;
fs.rmSync(root, { recursive: true, force: true });
console.log(JSON.stringify({ count: names.length, differences, leaked }, null, 1));

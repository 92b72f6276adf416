// Runs files of Node's suite plainly and with aevent, and tells which of those that pass plainly do not pass then.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { families } from './families.mjs';
import { runFile } from './run-file.mjs';

/** Nothing that passes plainly within this time is killed before four times as much has passed. */
const LEAST_TIMEOUT_MS = 20_000;
const TIMES_SLOWER = 4;

/** The files of the families, below `test/` of the checkout, in order. */
export function filesOf(checkout, names) {
  const directories = ['parallel', 'sequential', 'async-hooks', 'es-module', 'module-hooks'];
  const list = (directory) => {
    try {
      return readdirSync(join(checkout, 'test', directory)).map((name) => `${directory}/${name}`);
    } catch (error) {
      if (error.code === 'ENOENT') return []; // older checkouts lack some
      throw error;
    }
  };
  const all = directories.flatMap(list).filter((file) => /\.(js|mjs)$/.test(file));
  return all
    .map((file) => ({ file, family: names.find((name) => families[name].test(file)) }))
    .filter(({ family }) => family !== undefined);
}

/** The reason why `file` is known to fail in this mode on this Node line, or in all of them; undefined if it is not. */
export function reasonFor(known, { file, mode, major }) {
  return known.find(
    (entry) =>
      (entry.mode === undefined || entry.mode === mode) &&
      entry.tests.includes(file) &&
      (entry.node === undefined || entry.node.includes(major)),
  )?.reason;
}

/** An import of nothing. It alone has Node evaluate the program later, in a microtask, which some tests notice. */
const importOfNothing = ['--import', 'data:text/javascript,'];

/**
 * Runs one file in all modes. One that fails with aevent only is run again, both ways: what fails plainly now and then
 * tells nothing. One that fails with an import of nothing, too, has to pass where aevent is required (`-r`) instead.
 * @param modes - the files to import and to require for each mode but the plain one, by its name
 * @returns `plain: false`, or the failure of each mode that has one
 */
async function compare({ node, checkout, file, slot, modes, timeoutMs }) {
  const once = (extra, limitMs) => runFile({ node, checkout, file, slot, extra, timeoutMs: limitMs });
  const plain = await once([], timeoutMs);
  if (!plain.passed) return { plain: false, failures: {} };
  const limitMs = Math.max(LEAST_TIMEOUT_MS, TIMES_SLOWER * plain.durationMs);
  const failures = {};
  for (const [mode, { imported, required }] of Object.entries(modes)) {
    if ((await once(['--import', imported], limitMs)).passed) continue;
    let again = await once(['--import', imported], limitMs);
    if (again.passed || !(await once([], timeoutMs)).passed) continue;
    if (!(await once(importOfNothing, limitMs)).passed) again = await once(['-r', required], limitMs);
    if (!again.passed) failures[mode] = again;
  }
  return { plain: true, failures };
}

/**
 * Runs all files, as many at once as `jobs` says; those of `sequential/` one at a time after the others.
 * @param onResult - gets each result as it comes: file, family, plain, failures
 */
export async function runSuite({ node, checkout, files, modes, jobs, timeoutMs, onResult }) {
  const isAlone = ({ file }) => file.startsWith('sequential/');
  const work = async (queue, slot) => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      onResult({ ...next, ...(await compare({ node, checkout, slot, modes, timeoutMs, file: next.file })) });
    }
  };
  const together = files.filter((file) => !isAlone(file));
  await Promise.all(Array.from({ length: jobs }, (_, slot) => work(together, slot)));
  await work(files.filter(isAlone), 0);
}

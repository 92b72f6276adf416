// Makes each call of the cancellation table in a process that has turned hostile, and prints, as JSON, what it found by
// row. Run as: node --import aevent/register table.mjs <mode> ../cancel-table/rows/x.mjs …
//
//   replaced  while the call lasts, each method and global function is one of the program's, which does the same, but
//             notes who calls it: none of aevent's files may
//   faked     while the call lasts, time stands still for the program: what a test's clock replaces does nothing
//   exiting   the calls are made below a process.emit of the program's, after process.exit() in a task
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import aevent, { Cancelled, CancelScope } from 'aevent';
import { faked } from './faked.mjs';
import { replaced } from './replaced.mjs';

const [, , mode, ...files] = process.argv;

/** What has not ended by itself after so long in a friendly process is cancelled there, and in a hostile one. */
const PATIENCE_MS = 40;
/** What has, must end in a hostile one, too. */
const HUNG_MS = 10_000;

const base = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'aevent-hostile-'));
let runs = 0;

async function prepare(row) {
  const directory = join(base, String(++runs));
  mkdirSync(directory);
  return row.arrange?.(directory);
}

/**
 * Makes the row's call in a task.
 * @param hostile - called when the call begins; gives what makes the process friendly again
 * @returns whether it ended by itself
 */
async function once(row, hostile, patienceMs) {
  const state = await prepare(row);
  const scope = new CancelScope();
  const outcome = { ended: false, cancelled: false };
  let restore = () => {};
  const task = aevent.call(() => {
    restore = hostile();
    try {
      scope.run(() => {
        try {
          outcome.value = row.act(state);
          outcome.ended = true;
        } catch (error) {
          outcome.cancelled = error instanceof Cancelled;
          outcome.ended = !outcome.cancelled;
          if (!outcome.cancelled) outcome.error = error;
          throw error;
        }
      });
    } catch (error) {
      if (error !== outcome.error) throw error;
    } finally {
      restore();
    }
  });
  const late = new AbortController();
  const limit = delay(patienceMs, undefined, late).catch(() => {});
  await Promise.race([task, limit]);
  const byItself = outcome.ended;
  if (!byItself) {
    await row.finish?.(state);
    await turn();
    scope.cancel('the table');
  }
  const hung = Symbol('hung');
  const result = await Promise.race([
    task.then(() => undefined),
    delay(HUNG_MS, hung, late).catch(() => undefined),
  ]);
  late.abort();
  restore();
  if (result === hung) throw new Error('it hangs, also when it is cancelled');
  await row.after?.(state, outcome);
  if (outcome.error !== undefined) throw outcome.error;
  return byItself;
}

const friendly = () => () => {};

async function inTable(row) {
  const ends = await once(row, friendly, PATIENCE_MS);
  if (mode === 'faked') {
    const endsToo = await once(row, faked, ends ? HUNG_MS : PATIENCE_MS);
    if (ends && !endsToo) throw new Error('it hangs');
    return 'ok';
  }
  const callers = new Set();
  await once(row, () => replaced(callers), ends ? HUNG_MS : PATIENCE_MS);
  return callers.size === 0 ? 'ok' : [...callers].sort();
}

async function rowsOf(file) {
  const { rows } = await import(resolve(import.meta.dirname ?? '.', file));
  return rows;
}

async function hostileTable() {
  const found = {};
  for (const file of files) {
    found[file] = {};
    for (const row of await rowsOf(file)) {
      try {
        found[file][row.name] = await inTable(row);
      } catch (error) {
        found[file][row.name] = String(error.stack);
      }
    }
  }
  return found;
}

/** In the listeners of 'exit' nothing can be awaited: the calls are made one after the other. */
async function exitingTable() {
  const prepared = [];
  for (const file of files) {
    for (const row of await rowsOf(file)) {
      if (!(await once(row, friendly, PATIENCE_MS))) continue;
      prepared.push({ file, row, state: await prepare(row) });
    }
  }
  const found = Object.fromEntries(files.map((file) => [file, {}]));
  const { emit } = process;
  process.emit = function (name, ...args) {
    const result = Reflect.apply(emit, this, [name, ...args]);
    if (name !== 'exit') return result;
    for (const { file, row, state } of prepared) {
      try {
        row.act(state);
        found[file][row.name] = 'ok';
      } catch (error) {
        found[file][row.name] = String(error.stack);
      }
    }
    end(found);
    return result;
  };
  await aevent.call(() => process.exit(0));
}

function end(found) {
  rmSync(base, { recursive: true, force: true });
  writeSync(1, `${JSON.stringify(found)}\n`);
}

if (mode === 'exiting') await exitingTable();
else {
  end(await hostileTable());
  process.exit(0);
}

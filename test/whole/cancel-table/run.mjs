// Cancels each row's call before it begins, at every turn of the event loop while it lasts, and as it completes; and
// looks at what is left. Prints, as JSON, what it found by row. Run as: node --import aevent/register run.mjs rows/x.mjs …
//
// A file of rows exports `modules`, each of whose suspending functions must be in some row's `covers`, and `rows`:
//   name      says what is called, and on what
//   covers    names of the functions that the row is about, e.g. 'fs.readSync'
//   arrange   (directory) => state: makes what the call needs; runs natively, may be async
//   act       (state) => what the call gives; in a task
//   finish    (state): has the call end; for calls that nobody else ends
//   after     (state, outcome): natively; undoes what arrange did, throws if something is wrong. `outcome.cancelled`
//   atOnce    the call may be through before anything suspends
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import aevent, { Cancelled, CancelScope } from 'aevent';

// Every call of fs gives the loop a turn first, however cheap it is: each can be cancelled.
aevent.setup({ policy: { fs: 'always' } });

const MOST_TURNS = 4;
const PATIENCE_MS = 5000;
const ENDLESS_MS = 5000;
/** How long what is made only once may take to settle. */
const SETTLED_MS = 10;

// In memory if possible: a disk that others keep busy takes most of the time.
const base = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'aevent-cancel-'));
let runs = 0;

function descriptors() {
  return readdirSync('/proc/self/fd')
    .map((fd) => {
      try {
        return `${fd} ${readlinkOf(fd)}`;
      } catch {
        return undefined; // the one that read the directory
      }
    })
    .filter((entry) => entry !== undefined)
    .sort();
}

const { readlinkSync } = process.getBuiltinModule('fs');
const readlinkOf = (fd) => readlinkSync(`/proc/self/fd/${fd}`);

/** Children, zombies among them. */
function children() {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1').split(' ').filter(Boolean);
}

function held() {
  return {
    descriptors: descriptors(),
    children: children(),
    resources: process.getActiveResourcesInfo().sort(),
  };
}

/** What is in `now` more often than in `before`. */
function more(now, before) {
  const rest = [...before];
  return now.filter((one) => {
    const at = rest.indexOf(one);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

/** Waits until no more is held than before; gives what is, if that does not come. */
async function leftovers(before) {
  for (const end = Date.now() + PATIENCE_MS; ; await delay(1)) {
    const now = held();
    const extra = Object.keys(now).map((key) => [key, more(now[key], before?.[key] ?? now[key])]);
    const left = extra.filter(([, list]) => list.length > 0);
    if (left.length === 0) return undefined;
    if (Date.now() > end) return left.map(([key, list]) => `${key}: ${list}`).join('; ');
  }
}

/** Runs a row once; `interfere` does its part while the call lasts. Throws what is wrong. */
async function once(row, before, interfere, cancelFirst = false) {
  const directory = join(base, String(++runs));
  mkdirSync(directory);
  const state = await row.arrange?.(directory);
  const scope = new CancelScope();
  if (cancelFirst) scope.cancel('the table');
  const outcome = { ended: false, cancelled: false };
  const task = aevent.call(() => {
    try {
      scope.run(() => {
        try {
          outcome.value = row.act(state);
        } catch (error) {
          outcome.cancelled = error instanceof Cancelled;
          if (!outcome.cancelled) outcome.error = error;
          throw error;
        }
      });
    } catch (error) {
      if (error !== outcome.error) throw error;
    } finally {
      outcome.ended = true;
    }
  });
  await interfere({ scope, state, outcome });
  const giveUp = new AbortController();
  const tooLong = delay(ENDLESS_MS, undefined, giveUp).then(() => {
    throw new Error('the call goes on');
  });
  await Promise.race([task, tooLong]);
  giveUp.abort();
  await tooLong.catch(() => {});
  await row.after?.(state, outcome);
  if (outcome.error !== undefined) throw outcome.error;
  const left = await leftovers(before);
  if (left !== undefined) throw new Error(`left over: ${left}`);
  await remove(directory);
  return outcome;
}

/** What was cancelled may end in the background, and make a file meanwhile. */
async function remove(directory) {
  for (let retries = 20; ; retries--) {
    try {
      return rmSync(directory, { recursive: true, force: true });
    } catch (error) {
      // Node's own maxRetries does not look for new files.
      if (error.code !== 'ENOTEMPTY' || retries === 0) throw error;
      await delay(50);
    }
  }
}

async function cancelEverywhere(row) {
  // What is made only once, such as the pool's threads, is no leftover.
  await once(row, undefined, async ({ scope, state }) => {
    for (let i = 0; i < 3; i++) await turn();
    await row.finish?.(state);
    scope.cancel('the table');
  });
  await delay(SETTLED_MS);
  const before = held();
  const counts = { interrupted: 0, ended: 0 };
  const at = async (moment, interfere, cancelFirst) => {
    try {
      const outcome = await once(row, before, interfere, cancelFirst);
      counts[outcome.cancelled ? 'interrupted' : 'ended']++;
      return outcome;
    } catch (error) {
      throw new Error(`cancelled ${moment}: ${error.stack}`);
    }
  };
  const first = await at('before', () => {}, true);
  if (!first.cancelled && !row.atOnce) throw new Error('cancelled before: it was not noticed');
  for (let turns = 0; turns <= MOST_TURNS; turns++) {
    let over = false;
    await at(`after ${turns} turns`, async ({ scope, outcome }) => {
      await null;
      for (let i = 0; i < turns; i++) await turn();
      over = outcome.ended;
      scope.cancel('the table');
    });
    if (over) break;
  }
  if (row.finish) {
    await at('as it completes', async ({ scope, state }) => {
      await turn();
      await turn();
      await row.finish(state);
      scope.cancel('the table');
    });
    await at('and completed', async ({ scope, state }) => {
      await turn();
      await turn();
      scope.cancel('the table');
      await row.finish(state);
    });
  }
  if (counts.interrupted === 0 && !row.atOnce) throw new Error('it was never interrupted');
  return counts;
}

function suspendingOf(modules) {
  return Object.entries(modules).flatMap(([name, module]) =>
    Object.entries(module)
      .filter(([key, value]) => typeof value === 'function' && aevent.orig in value && !key.startsWith('_'))
      .filter(([key, value]) => key.endsWith('Sync') || value.suspends)
      .map(([key]) => `${name}.${key}`),
  );
}

const found = {};
for (const file of process.argv.slice(2)) {
  const { modules, rows } = await import(resolve(import.meta.dirname ?? '.', file));
  const covered = new Set(rows.flatMap(({ covers = [] }) => covers));
  found[file] = { uncovered: suspendingOf(modules ?? {}).filter((name) => !covered.has(name)), rows: {} };
  for (const row of rows) {
    try {
      found[file].rows[row.name] = await cancelEverywhere(row);
    } catch (error) {
      found[file].rows[row.name] = String(error.stack);
    }
  }
}
rmSync(base, { recursive: true, force: true });
console.log(JSON.stringify(found));
process.exit(0);

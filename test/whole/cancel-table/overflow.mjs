// Makes each row's call (run.mjs) at the last levels of a recursion without end, each time cancelled if it waits. The
// RangeError is caught at the top. Prints, as JSON, what came of it by row. Run as: node --import aevent/register
// overflow.mjs rows/x.mjs …
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import aevent, { Cancelled, CancelScope } from 'aevent';

/** So many levels before the end a call begins to fail; every STEP-th makes it, on each Node and backend others. */
const LEVELS = 900;
const STEP = 11;
const major = Number(process.versions.node.split('.')[0]);
const FIRST = (major + Number(process.env.AEVENT_BACKEND === 'thread')) % STEP;
const ENDLESS_MS = 10_000;

const base = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'aevent-overflow-'));
let runs = 0;
/** How deep the last recursion came. */
let deepest = 0;

const walk = (n, from, call) => {
  deepest = n;
  if (n > from && n % STEP === FIRST) caught(call);
  return walk(n + 1, from, call) + 1;
};
const caught = (fn) => {
  try {
    fn();
  } catch (error) {
    return error;
  }
};

/** The scope of the call that is made now. */
let current;
/** Cancels whatever has waited for two turns of the loop. */
async function cancelWaits(isOver) {
  let before;
  while (!isOver()) {
    await new Promise(setImmediate);
    if (current !== undefined && current === before) current.cancel('the table');
    before = current;
  }
}

/** Calls the row in a scope of its own. */
function act(row, state) {
  const scope = new CancelScope();
  scope.run(() => {
    current = scope;
    row.act(state);
  });
}

async function overflow(row) {
  const directory = join(base, String(++runs));
  mkdirSync(directory);
  const state = await row.arrange?.(directory);
  await new Promise(setImmediate);
  const before = aevent.info().tasks;
  const kinds = new Set();
  let over = false;
  const task = aevent.call(() => {
    const call = () => act(row, state);
    caught(() => walk(0, Number.POSITIVE_INFINITY, call));
    kinds.add(String(caught(() => walk(0, deepest - LEVELS, call))));
    caught(call);
  });
  const watching = cancelWaits(() => over);
  const giveUp = new AbortController();
  const tooLong = delay(ENDLESS_MS, 'hangs', giveUp).catch(() => {});
  const ended = await Promise.race([task.then(() => 'ended', String), tooLong]);
  over = true;
  giveUp.abort();
  current = undefined;
  await watching;
  row.brokenOff?.(state);
  for (let i = 0; i < 100 && aevent.info().tasks.parked > before.parked; i++) await delay(1);
  const { live, parked } = aevent.info().tasks;
  // What is left behind by calls that were broken off half-way is not asked here.
  await (async () => row.after?.(state, { cancelled: true }))().catch(() => {});
  return { ended, kinds: [...kinds], live: live - before.live, parked: parked - before.parked };
}

// A row that makes a promise may overflow before it waits for that.
process.on('unhandledRejection', (error) => {
  if (!(error instanceof Cancelled)) throw error;
});
process.on('rejectionHandled', () => {});
const found = {};
for (const file of process.argv.slice(2)) {
  const { rows } = await import(resolve(import.meta.dirname ?? '.', file));
  for (const row of rows) {
    try {
      found[row.name] = await overflow(row);
    } catch (error) {
      found[row.name] = String(error.stack);
    }
  }
}
rmSync(base, { recursive: true, force: true });
console.log(JSON.stringify(found));
process.exit(0);

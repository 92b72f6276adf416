// One soak in this process: rounds of load, then an inventory of what is left. Prints one JSON object; the exit code
// is 1 if anything is wrong. Started by run.mjs with --expose-gc and aevent/register.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import aevent from 'aevent';
import { grown, inventory } from './inventory.mjs';
import { round, unaccounted } from './load.mjs';
import { startServers } from './servers.mjs';
import { counts, endedSoFar, wrong } from './tally.mjs';
import { networkWork } from './work-network.mjs';
import { locksAreFree, syncWork } from './work-sync.mjs';
import { systemWork } from './work-system.mjs';

/** Since the process began. The rest of its time is for the end. */
const endMs = Number(process.argv[2]) * 900;
/**
 * The most first, which make the carriers. What they are at in the end is cancelled all at once where `cut`, and else
 * comes to its own end.
 */
const ROUNDS = [
  { live: 2000, cut: true },
  { live: 800, cut: false },
  { live: 2000, cut: true },
  { live: 200, cut: false },
  { live: 1000, cut: true },
  { live: 400, cut: false },
];
/** How much longer than its time a round may take to come to its end: a wake-up that is missed shows only there. */
const DRAIN_MS = 10_000;
const roundMs = (endMs - performance.now()) / ROUNDS.length;
/** A stack that is needed for the first time. */
const CARRIER_MB = 0.025;
/** The first warms up, and the last is compared with those in between. */
const LEAST_ROUNDS = 4;

const expect = (truth, what) => truth || wrong.push(what);

async function settled() {
  for (let i = 0; i < 5; i++) {
    await delay(20);
    globalThis.gc();
  }
}

/** Waits until what ends in the background has, then looks. */
async function inventoryWithout(isLeft) {
  for (let i = 0; i < 100 && isLeft(inventory()); i++) await delay(50);
  await settled();
  return inventory();
}

const dir = mkdtempSync(join(tmpdir(), 'aevent-soak-'));
await aevent.call(() => {}); // starts the backend, and libuv's pool
process.stdout.write('');
await settled();
const before = inventory();
const { ports, stop } = await startServers();
const work = { ...systemWork(dir), ...networkWork(ports), ...syncWork() };
const afterRounds = [];
let goesOn = true;
for (const { live, cut } of ROUNDS) {
  // Where they have taken longer there are fewer.
  if (!goesOn || performance.now() > endMs - roundMs / 2) break;
  const stopMs = Math.min(performance.now() + roundMs * 0.8, endMs);
  goesOn = await round({ live, work, stopMs, cutMs: cut ? stopMs : endMs + DRAIN_MS });
  await settled();
  afterRounds.push(inventory());
  // A piece that was cancelled may have left a file, and nobody else.
  for (const name of readdirSync(dir)) rmSync(join(dir, name), { recursive: true });
}
if (goesOn) await stop();
const isMore = ({ handles, descriptors }) =>
  grown(before.handles, handles).length + grown(before.descriptors, descriptors).length > 0;
const after = await inventoryWithout(isMore);

expect(after.parked === 0 && after.live === 0, `${after.parked} parked, ${after.live} live tasks were left`);
expect(locksAreFree(), 'a lock was left');
for (const kind of ['handles', 'descriptors']) {
  const more = grown(before[kind], after[kind]);
  expect(more.length === 0, `more ${kind} than before: ${more}`);
}
expect(
  after.threads <= before.threads,
  `${before.threads} threads besides carriers before, ${after.threads} after`,
);
for (const what of unaccounted()) expect(false, `not accounted for: ${what}`);
// Once the pools have their size, memory must not grow: the last round ends within 10 % of the plateau.
if (afterRounds.length >= LEAST_ROUNDS) {
  const between = afterRounds.slice(1, -1);
  const plateau = Math.max(...between.map(({ rssMb }) => rssMb));
  // Fewer stacks than before took no more than they had used, which may be little.
  const newStacks = Math.max(0, after.carriers - between.at(-1).carriers) * CARRIER_MB;
  expect(
    after.rssMb <= plateau * 1.1 + newStacks,
    `RSS: ${after.rssMb.toFixed()} MB after a plateau of ${plateau.toFixed()} MB`,
  );
}

rmSync(dir, { recursive: true, force: true });
const { backend, counters } = aevent.info();
const rss = afterRounds.map(({ rssMb }) => Math.round(rssMb));
const report = { backend, operations: endedSoFar(), counts, rss, before, after, counters };
console.log(JSON.stringify({ ...report, wrong: wrong.slice(0, 10), failures: wrong.length }));
process.exitCode = wrong.length === 0 ? 0 : 1;
if (!goesOn) process.exit();

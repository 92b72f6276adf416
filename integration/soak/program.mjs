// One soak in this process: rounds of load, then an inventory of what is left. Prints one JSON object; the exit code
// is 1 if anything is wrong. Started by run.mjs with --expose-gc and aevent/register.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import aevent from 'aevent';
import { counts, load } from './load.mjs';

const seconds = Number(process.argv[2]);
const rounds = 6;
const mb = 1024 * 1024;

async function settled() {
  for (let i = 0; i < 5; i++) {
    await delay(20);
    globalThis.gc();
  }
}

const inventory = () => ({
  rssMb: process.memoryUsage().rss / mb,
  descriptors: readdirSync('/proc/self/fd').length,
  threads: Number(/Threads:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]),
  carriers: aevent.info().carriers.made,
  handles: process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'TTYWrap' && name !== 'PipeWrap')
    .sort(),
  parked: aevent.info().tasks.parked,
  live: aevent.info().tasks.live,
});

const dir = mkdtempSync(join(tmpdir(), 'aevent-soak-'));
const server = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}).pipe(socket));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address();

const wrong = [];
const expect = (truth, what) => truth || wrong.push(what);
const before = inventory();
const afterRounds = [];
for (let round = 0; round < rounds; round++) {
  // 200 to 2,000 live tasks; the most of them early, so that the pools have their size for most of the time.
  const live = [200, 2000, 1000, 400, 2000, 800][round % 6];
  const end = performance.now() + (seconds * 1000) / rounds;
  wrong.push(...(await load({ live, dir, port, isOver: () => performance.now() > end })));
  await settled();
  afterRounds.push(inventory());
}
const left = readdirSync(dir);
await new Promise((resolve) => server.close(resolve));
await settled();
const after = inventory();

expect(left.length === 0, `files were left: ${left.slice(0, 5)}`);
expect(after.parked === 0 && after.live === 0, `${after.parked} parked, ${after.live} live tasks were left`);
const strange = after.handles.filter((name) => !before.handles.includes(name));
expect(strange.length === 0, `open handles were left: ${strange}`);
// The listening socket is gone by now, too.
expect(
  after.descriptors <= before.descriptors,
  `descriptors: ${before.descriptors} before, ${after.descriptors} after`,
);
const POOL_AND_SPARE = 8; // libuv's pool, and whatever Node itself starts late
const threads = after.threads - before.threads - (after.carriers - before.carriers);
expect(threads <= POOL_AND_SPARE, `${threads} threads more than carriers`);
for (const [kind, { begun, ended }] of Object.entries(counts)) {
  expect(begun === ended, `${kind}: ${begun} begun, ${ended} ended`);
}
// Once the pools have their size, memory must not grow: the last round ends within 10 % of the plateau.
const plateau = Math.max(...afterRounds.slice(1, -1).map(({ rssMb }) => rssMb));
expect(
  after.rssMb <= plateau * 1.1,
  `RSS: ${after.rssMb.toFixed()} MB after a plateau of ${plateau.toFixed()} MB`,
);

rmSync(dir, { recursive: true });
const operations = Object.values(counts).reduce((sum, { ended }) => sum + ended, 0);
const { backend, counters } = aevent.info();
const rss = afterRounds.map(({ rssMb }) => Math.round(rssMb));
console.log(
  JSON.stringify({
    backend,
    operations,
    counts,
    rss,
    after,
    counters,
    wrong: wrong.slice(0, 10),
    failures: wrong.length,
  }),
);
process.exitCode = wrong.length === 0 ? 0 : 1;

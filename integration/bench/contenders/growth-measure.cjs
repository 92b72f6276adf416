// How the costs of COUNT suspended pieces of work are taken, for aevent, node-fibers and async functions alike. CommonJS, and no
// newer than Node 14, which is the last that node-fibers runs on.
const { performance } = require('node:perf_hooks');

const DEPTH = 20;
const HANDOVERS = 20000;
const COLLECTIONS = 9;
const END = 1;
/** Few are started again and again. */
const PIECES = 10000;

const cpuUs = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

/** Each number below `count` once, in the order of a generator that always begins alike. */
function shuffled(count) {
  const order = Array.from({ length: count }, (_, i) => i);
  let seed = 1;
  for (let i = count - 1; i > 0; i--) {
    seed = (seed * 48271) % 2147483647;
    const j = seed % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

function litter() {
  return Array.from({ length: 20000 }, (_, at) => ({ at })).length;
}

function pauseMs(collect) {
  const pauses = [];
  for (let i = 0; i < COLLECTIONS; i++) {
    litter();
    const begin = performance.now();
    collect();
    pauses.push(performance.now() - begin);
  }
  return median(pauses);
}

function rss() {
  gc();
  gc();
  return process.memoryUsage().rss;
}

async function warmUp(way, from) {
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 100; i++) way.start(from + i);
    await way.settle();
    for (let i = 0; i < 100; i++) way.wake(from + i, END);
    await way.settle();
  }
}

/**
 * @param way - `start(i)` begins a piece that descends to DEPTH and waits there until `wake(i, value)`, again and again until the
 *   value is END; `settle()` gives the loop to what was woken, and resolves when all of it waits again or has ended; `waits()` is
 *   how often one has begun to wait; `handOver(times)` wakes two by turns, each by the other
 */
async function measure(count, way) {
  const found = { count, start: 0, wake: 0, end: 0 };
  const order = shuffled(count);
  const rounds = Math.max(1, Math.ceil(PIECES / count));
  const timed = async (what, each) => {
    const begin = cpuUs();
    for (let i = 0; i < count; i++) each(order[i]);
    await way.settle();
    found[what] += (cpuUs() - begin) / count / rounds;
  };
  // What runs first is compiled first.
  await warmUp(way, count);
  const before = rss();
  for (let round = 0; round < rounds; round++) {
    const waits = way.waits();
    await timed('start', way.start);
    if (way.waits() - waits < count) throw new Error(`${way.waits() - waits} of ${count} wait`);
    if (round === 0) found.bytes = (rss() - before) / count;
    await timed('wake', (i) => way.wake(i, 0));
    if (round < rounds - 1) await timed('end', (i) => way.wake(i, END));
  }

  await way.handOver(HANDOVERS / 10);
  const begin = cpuUs();
  await way.handOver(HANDOVERS);
  found.switch = (cpuUs() - begin) / HANDOVERS;

  for (let i = 0; i < 4; i++) gc({ type: 'minor' });
  found.minor = pauseMs(() => gc({ type: 'minor' }));
  found.full = pauseMs(gc);

  await timed('end', (i) => way.wake(i, END));
  process.stdout.write(JSON.stringify(found), () => process.exit());
}

module.exports = { DEPTH, END, measure };

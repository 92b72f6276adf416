// Pages rendered in a task, in tasks that are sliced, and in a pool of threads: how long a page takes, and what that does to the loop.
import { availableParallelism } from 'node:os';
import aevent from 'aevent';
import { Piscina } from 'piscina';
import { startHeartbeat } from '../../support/heartbeat.mjs';
import { interleave, median } from '../interleave.mjs';
import render from './render.mjs';

const AT_ONCE = 10;
const ROUNDS = 5;
const BEAT_MS = 1;

const filename = new URL('./render.mjs', import.meta.url).href;
const one = new Piscina({ filename, minThreads: 1, maxThreads: 1 });
const all = new Piscina({ filename, minThreads: availableParallelism(), maxThreads: availableParallelism() });

const times = (count, fn) => Promise.all(Array.from({ length: count }, fn));
const ways = {
  'not sliced': (count) => times(count, () => aevent.call(render)),
  sliced: (count) => times(count, () => aevent.call(() => aevent.preemptible(render))),
  'a thread': (count) => times(count, () => one.run(undefined)),
  [`${availableParallelism()} threads`]: (count) => times(count, () => all.run(undefined)),
};

/** The longest time between two beats while `AT_ONCE` pages are rendered, again and again. */
async function gapOf(way) {
  const gaps = [];
  for (let round = 0; round < ROUNDS; round++) {
    const stop = startHeartbeat(BEAT_MS);
    await way(AT_ONCE);
    gaps.push(stop());
  }
  return median(gaps);
}

const pages = await interleave(ways);
const gaps = {};
for (const [name, way] of Object.entries(ways)) gaps[name] = await gapOf(way);
process.send({ pages, gaps }, () => process.exit());

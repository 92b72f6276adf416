// Whether the machine is quiet enough to judge by what is measured on it.
import { cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

const PAIRS = 12;
const STEPS = 4_000_000;
const LOOK_MS = 300;
/** By how much the same work may differ from itself, in the upper quartile of the pairs. */
const MOST_SPREAD = 0.06;
/** How much of one processor other programs may take. */
const MOST_OTHERS = 0.15;
/** Of the last minute, for each processor; only before the benchmarks make a load of their own. */
const MOST_LOAD = 0.5;

const percent = (part) => `${(100 * part).toFixed(0)} %`;

function work() {
  const begin = performance.now();
  let sum = 0;
  for (let i = 0; i < STEPS; i++) sum = (sum * 31 + i) | 0;
  return sum === 1 ? 0 : performance.now() - begin;
}

/** How much the same work differs from itself, in pairs: the upper quartile. */
function spread() {
  for (let i = 0; i < 5; i++) work();
  const differences = Array.from({ length: PAIRS }, () => {
    const ratio = work() / work();
    return Math.max(ratio, 1 / ratio) - 1;
  }).sort((a, b) => a - b);
  return differences[Math.floor(0.75 * PAIRS)];
}

/** How many processors do anything while this process sleeps; what a hypervisor gives to others is among it. */
async function others() {
  const idle = () => cpus().reduce((sum, { times }) => sum + times.idle, 0);
  const [begin, before] = [performance.now(), idle()];
  await delay(LOOK_MS);
  const all = (performance.now() - begin) * cpus().length;
  return Math.max(0, ((all - (idle() - before)) / all) * cpus().length);
}

/**
 * Looks for half a second.
 * @param atStart - the load of the last minute counts, too: none of it is ours
 * @returns why nothing can be judged by what is measured now; empty if the machine is quiet
 */
export async function noise(atStart = false) {
  const reasons = [];
  const load = loadavg()[0] / cpus().length;
  if (atStart && load > MOST_LOAD)
    reasons.push(`a load of ${load.toFixed(1)} for each processor in the last minute`);
  const busy = await others();
  if (busy > MOST_OTHERS) reasons.push(`other programs take ${percent(busy)} of a processor`);
  const differs = spread();
  if (differs > MOST_SPREAD) reasons.push(`the same work differs from itself by ${percent(differs)}`);
  return reasons.join('; ');
}

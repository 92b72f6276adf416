// Measures contenders in turns.
const ROUNDS = 15;
const BATCH_MS = 15;
const WARM_UP_MS = 400;

/**
 * Measures contenders in turns, so that a noisy moment of the machine hits all of them.
 * @param contenders - name → an async function that does its operation that many times
 * @param rounds - more of them where what is measured varies much by itself, as what goes over a network does
 * @returns name → median and minimum in nanoseconds an operation
 */
export async function interleave(contenders, rounds = ROUNDS) {
  const entries = Object.entries(contenders);
  const sizes = {};
  for (const [name, repeat] of entries) sizes[name] = await batchSize(repeat);
  const samples = Object.fromEntries(entries.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, repeat] of entries) {
      samples[name].push(((await timed(repeat, sizes[name])) * 1e6) / sizes[name]);
    }
  }
  return Object.fromEntries(
    entries.map(([name]) => [name, { median: median(samples[name]), min: Math.min(...samples[name]) }]),
  );
}

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

// Only what the optimizing compiler has seen is measured: a batch that is sized before stays too small for it.
async function batchSize(repeat) {
  const warm = performance.now() + WARM_UP_MS;
  for (let size = 10; ; ) {
    const ms = await timed(repeat, size);
    if (performance.now() >= warm && ms >= BATCH_MS / 4) return Math.ceil((size * BATCH_MS) / ms);
    if (ms < BATCH_MS) size *= 2;
  }
}

async function timed(repeat, times) {
  const begin = performance.now();
  await repeat(times);
  return performance.now() - begin;
}

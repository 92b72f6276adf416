// From `new Worker()` to its first message: a thread, and a task.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { median } from '../interleave.mjs';

const ROUNDS = 30;
const file = new URL('./worker-hello.cjs', import.meta.url);
const ways = { 'a thread': {}, 'a task': { task: true } };
const times = { 'a thread': [], 'a task': [] };

for (let round = 0; round < ROUNDS; round++) {
  for (const [what, options] of Object.entries(ways)) {
    const begin = performance.now();
    const worker = new Worker(file, options);
    const exited = once(worker, 'exit');
    await once(worker, 'message');
    times[what].push(performance.now() - begin);
    await exited;
  }
}
const measured = Object.entries(times).map(([what, all]) => [
  what,
  { median: median(all), best: Math.min(...all) },
]);
process.send(Object.fromEntries(measured), () => process.exit());

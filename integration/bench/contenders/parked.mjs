// Contender: tasks that are parked at call depth 20.
import aevent from 'aevent';

const DEPTH = 20;
const count = Number(process.argv[2]);

function descend(depth, promise) {
  return depth > 1 ? descend(depth - 1, promise) + 1 : aevent.await_(promise);
}

async function park(tasks) {
  let open;
  const gate = new Promise((resolve) => {
    open = resolve;
  });
  let parked = 0;
  let ended = 0;
  const before = rss();
  const begin = performance.now();
  let startMs;
  let endMs;
  let bytes;
  await aevent.run(async () => {
    const group = aevent.createTaskGroup();
    for (let i = 0; i < tasks; i++) {
      group.spawn(() => {
        parked += 1;
        if (descend(DEPTH, gate) === DEPTH - 1) ended += 1;
      });
    }
    while (parked < tasks) await new Promise(setImmediate);
    startMs = performance.now() - begin;
    bytes = (rss() - before) / tasks;
    open(0);
    const opened = performance.now();
    await group[Symbol.asyncDispose]();
    endMs = performance.now() - opened;
  });
  return { startMs, endMs, ended, bytes };
}

function rss() {
  gc();
  return process.memoryUsage.rss();
}

await aevent.run(() => aevent.await_(Promise.resolve()));
await new Promise(setImmediate);
const measured = await park(count);
process.send(measured, () => process.exit());

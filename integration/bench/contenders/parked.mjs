// Contender: tasks that are parked at call depth 20, on stacks that are new, and on stacks of tasks that have ended. Times are
// those of the processor.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import aevent from 'aevent';

const DEPTH = 20;
/** Until what has ended is given back. */
const GIVEN_BACK_MS = 10_000;
const count = Number(process.argv[2]);

function descend(depth, promise) {
  return depth > 1 ? descend(depth - 1, promise) + 1 : aevent.await_(promise);
}

/** In another order. */
function shuffled(items) {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [items[last], items[other]] = [items[other], items[last]];
  }
  return items;
}

function memory() {
  gc();
  const status = readFileSync('/proc/self/status', 'utf8');
  const bytes = (name) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return {
    bytes: bytes('VmRSS'),
    pageTableBytes: bytes('VmPTE'),
    mappings: readFileSync('/proc/self/maps', 'utf8').split('\n').length,
  };
}

const cpuUs = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** All are held, woken in random order, and ended; each must get its own value. */
async function park(tasks) {
  const gates = [];
  let parked = 0;
  let ended = 0;
  const before = memory();
  const found = {};
  await aevent.run(async () => {
    const group = aevent.createTaskGroup();
    let begin = cpuUs();
    for (let i = 0; i < tasks; i++) {
      group.spawn(() => {
        const gate = new Promise((resolve) => gates.push({ i, resolve }));
        parked += 1;
        if (descend(DEPTH, gate) === i + DEPTH - 1) ended += 1;
      });
    }
    while (parked < tasks) await new Promise(setImmediate);
    found.startUs = (cpuUs() - begin) / tasks;
    const now = memory();
    for (const what of Object.keys(now)) found[what] = (now[what] - before[what]) / tasks;
    shuffled(gates);
    begin = cpuUs();
    for (const { i, resolve } of gates) resolve(i);
    await group[Symbol.asyncDispose]();
    found.endUs = (cpuUs() - begin) / tasks;
  });
  return { ...found, ended };
}

/** All are cancelled at once; how many have noticed. */
async function cancel(tasks) {
  let parked = 0;
  let cancelled = 0;
  await aevent.run(async () => {
    const group = aevent.createTaskGroup();
    const never = new Promise(() => {});
    for (let i = 0; i < tasks; i++) {
      group.spawn(() => {
        parked += 1;
        try {
          descend(DEPTH, never);
        } finally {
          cancelled += 1;
        }
      });
    }
    while (parked < tasks) await new Promise(setImmediate);
    group.cancelScope.cancel();
    await group[Symbol.asyncDispose]();
  });
  return cancelled;
}

await aevent.run(() => aevent.await_(Promise.resolve()));
await new Promise(setImmediate);
const before = memory();
const fresh = await park(count);
const { startUs: warmStartUs } = await park(count);
const cancelled = await cancel(count);
const until = performance.now() + GIVEN_BACK_MS;
while (aevent.info().carriers.made > 300 && performance.now() < until) await sleep(100);
await sleep(100);
const after = memory();
process.send(
  {
    ...fresh,
    warmStartUs,
    cancelled,
    leftBytes: (after.bytes - before.bytes) / count,
    leftPageTableBytes: (after.pageTableBytes - before.pageTableBytes) / count,
  },
  () => process.exit(),
);

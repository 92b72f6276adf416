// Starts argv[2] tasks that all wait at once, then some more on the stacks of those; tells how each went.
// AS_UID: as that user, whom no privilege exempts from ulimit -u, once everything has been read.
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { stat } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import aevent from 'aevent';
import { inTask } from '../../../../dist/runtime/modules/lowlevel.js';

const count = Number(process.argv[2] ?? 10);
const report = { parked: 0 };
const local = new AsyncLocalStorage();
const codeOf = ({ code, name }) => code ?? name;

if (process.env.AS_UID) {
  aevent.setup();
  process.setgroups([]);
  process.setgid(Number(process.env.AS_UID));
  process.setuid(Number(process.env.AS_UID));
}

async function wave(tasks) {
  let open;
  const gate = new Promise((resolve) => {
    open = () => resolve(0);
  });
  const outcome = { done: 0, refused: {} };
  const all = Array.from({ length: tasks }, (_, index) =>
    aevent
      .call(() => [2, 1].sort((a, b) => a - b + aevent.await_(gate))[0] + index)
      .then((value) => {
        if (value === index + 1) outcome.done++;
      })
      .catch((error) => {
        outcome.refused[codeOf(error)] ??= { count: 0, message: error.message };
        outcome.refused[codeOf(error)].count++;
      }),
  );
  await turn();
  report.parked = Math.max(report.parked, aevent.info().tasks.parked);
  // The rest of the process goes on meanwhile: it takes memory, and threads of the pool.
  const heap = Array.from({ length: 200 }, () => new Array(10_000).fill(0.5));
  await stat('.');
  open();
  await Promise.all(all);
  return heap.length === 200 ? outcome : undefined;
}

report.first = await wave(count);
report.second = await wave(Math.max(1, Math.min(report.first.done, 50)));
const { backend, reason, features, counters } = aevent.info();
Object.assign(report, { backend, reason, features, counters });

const scope = new AsyncResource('scope');
report.inScope = await aevent
  .call(() => scope.runInAsyncScope(() => aevent.await_(turn('done'))))
  .catch(codeOf);
report.perTask = await aevent
  .perTask()
  .then(() => aevent.await_(turn('done')))
  .catch(codeOf);
report.stores = await Promise.all(
  [1, 2].map((store) =>
    local.run(store, () => aevent.call(() => aevent.await_(turn()) ?? local.getStore())).catch(codeOf),
  ),
);
// Entered in place, in a context of its own on top of the store that is current there.
const callback = await aevent
  .call(() =>
    inTask(async () => {
      await null;
      return aevent.await_(turn()) ?? local.getStore();
    }),
  )
  .catch(codeOf);
report.callbacks = await Promise.all([3, 4].map((store) => local.run(store, callback).catch(codeOf)));
console.log(JSON.stringify(report));

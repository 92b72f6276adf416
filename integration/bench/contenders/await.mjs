// Contender: await_ and the packages that do the same.
import aevent from 'aevent';
import makeSynchronous from 'make-synchronous';
import { createSyncFn } from 'synckit';
import { interleave } from '../interleave.mjs';

const resolved = Promise.resolve(1);
const inTask = (operation) => (times) =>
  aevent.run(() => {
    for (let i = 0; i < times; i++) operation();
  });
const nothing = () => {};
const ours = {
  await_: inTask(() => aevent.await_(resolved)),
  // With a microtask to run first, the task is really parked.
  'await_ that parks': inTask(() => {
    resolved.then(nothing);
    aevent.await_(resolved);
  }),
  'await_ of a value': inTask(() => aevent.await_(1)),
};

const synckit = createSyncFn(new URL('synckit-worker.mjs', import.meta.url));
const madeSynchronous = makeSynchronous(async (value) => value);
const blocking = (operation) => (times) => {
  for (let i = 0; i < times; i++) operation(1);
};
const peers = {
  async 'native await'(times) {
    for (let i = 0; i < times; i++) await resolved;
  },
  synckit: blocking(synckit),
  'make-synchronous': blocking(madeSynchronous),
};

const measured = await interleave(process.argv[2] === 'aevent only' ? ours : { ...ours, ...peers });
process.send({ ...measured, backend: aevent.info().backend }, () => process.exit());

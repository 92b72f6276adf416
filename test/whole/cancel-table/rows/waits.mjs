// What waits without a module of Node's: promises, sleeps, Atomics, task groups and handles.

import { sleepSync } from 'node:timers';
import { setTimeout as delay, setImmediate as immediate } from 'node:timers/promises';
import aevent from 'aevent';

const LONG_MS = 60_000;

function settled() {
  let resolve;
  const promise = new Promise((resolveIt) => {
    resolve = resolveIt;
  });
  return { promise, resolve };
}

export const rows = [
  {
    name: 'await_ of a promise',
    arrange: settled,
    act: ({ promise }) => aevent.await_(promise),
    finish: ({ resolve }) => resolve('value'),
  },
  { name: 'await_ of an immediate', act: () => aevent.await_(immediate()) },
  {
    name: 'await_ of a timer with an AbortSignal',
    arrange: () => new AbortController(),
    act: ({ signal }) => aevent.await_(delay(LONG_MS, undefined, { signal }).catch(() => 'aborted')),
    finish: (controller) => controller.abort(),
    after: (controller) => controller.abort(),
  },
  { name: 'timers.sleepSync', act: () => sleepSync(LONG_MS) },
  { name: 'timers.sleepSync, a short one', act: () => sleepSync(1) },
  { name: 'checkpoint', act: () => aevent.checkpoint() },
  {
    name: 'Atomics.wait that another task notifies',
    arrange: () => new Int32Array(new SharedArrayBuffer(4)),
    act: (array) => Atomics.wait(array, 0, 0),
    finish: (array) => void Atomics.notify(array, 0),
  },
  {
    name: 'Atomics.wait with a timeout',
    arrange: () => new Int32Array(new SharedArrayBuffer(4)),
    act: (array) => Atomics.wait(array, 0, 0, 1),
  },
  {
    name: 'Atomics.wait beside another one: no notification is lost',
    arrange: () => {
      const array = new Int32Array(new SharedArrayBuffer(4));
      return { array, other: undefined };
    },
    act: (state) => {
      state.other = aevent.call(() => Atomics.wait(state.array, 0, 0));
      return Atomics.wait(state.array, 0, 0);
    },
    finish: ({ array }) => void Atomics.notify(array, 0, 1),
    // The other one waits on where the stack ended between the two.
    brokenOff: ({ array }) => void Atomics.notify(array, 0),
    after: async ({ array, other }, { cancelled }) => {
      if (cancelled) Atomics.notify(array, 0, 1);
      Atomics.notify(array, 0, 1);
      await other?.catch(() => {});
    },
  },
  {
    name: 'leaving a task group',
    act: () =>
      aevent.taskGroup((tasks) => {
        tasks.spawn(() => sleepSync(LONG_MS));
        tasks.spawnDaemon(() => sleepSync(LONG_MS));
      }),
  },
  {
    name: 'TaskGroup.start',
    act: () => aevent.taskGroup((tasks) => tasks.start(() => sleepSync(LONG_MS))),
  },
  {
    name: 'TaskHandle.wait',
    act: () => aevent.taskGroup((tasks) => tasks.startSoon(() => sleepSync(LONG_MS)).wait()),
  },
];

// Runs one case of the table: tasks that interleave in it, round after round, with garbage collections in between.
import { deepStrictEqual } from 'node:assert';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import aevent from 'aevent';
import { inTask } from 'aevent/lowlevel';
import { CollectMode, CollectState } from '../../dist/runtime/native/binding.js';
import { core } from '../../dist/runtime/suspension/native-core.js';
import { randomFrom } from '../support/random.mjs';

export const TASKS = 5;
export const ROUNDS = 20;
const MINOR_GC_EVERY = 12; // suspensions
const OLD_EVERY = 60; // so many minor collections in a row that later ones skip what is parked
const UNTIL_OLD = 4;
const FULL_GC_EVERY = 4; // rounds, of whatever cases

export const nodeMajor = Number(process.versions.node.split('.')[0]);

setFlagsFromString('--expose-gc');
/** A garbage collection. */
export const collect = globalThis.gc ?? runInNewContext('gc');

let random = randomFrom(1);

export function seed(number) {
  random = randomFrom(number);
}

const isSliced = Boolean(process.env.AEVENT_PREEMPT);
const SLICED_WITHIN_MS = 2;
const calls = (n) => (n < 2 ? n : calls(n - 1) + calls(n - 2));

// Until a task was put aside in the middle; where none can be, for a while.
function computeUntilSliced() {
  const before = aevent.info().preemption.slices;
  const end = performance.now() + SLICED_WITHIN_MS;
  while (aevent.info().preemption.slices === before && performance.now() < end) calls(14);
}

/** Suspends for a while that differs from call to call, so that tasks overtake each other. Gives `value` back. */
export function stop(value) {
  if (random(MINOR_GC_EVERY) === 0) collect({ type: 'minor' });
  if (random(OLD_EVERY) === 0) for (let i = 0; i < UNTIL_OLD; i++) collect({ type: 'minor' });
  if (isSliced) computeUntilSliced();
  const way = random(4);
  if (way === 0) aevent.await_(microtasks(random(6)));
  for (let turns = way; turns > 0; turns--) aevent.await_(turn());
  return value;
}

// Overtaken by promise jobs alone, in the same checkpoint.
async function microtasks(count) {
  for (let i = 0; i <= count; i++) await null;
}

/**
 * Registers `callback` with Node as aevent does it for a task's callbacks, and waits until the event loop has called
 * it: what it gives or throws. It is entered in place, and may suspend.
 * @param register - gets the callback to register
 */
export function viaLoop(register, callback) {
  const held = setInterval(() => {}, 1000); // signals, and timers of Node's own, do not keep the process
  try {
    return aevent.await_(
      new Promise((resolve, reject) => {
        register(
          inTask(function (...args) {
            try {
              resolve(callback.apply(this, args));
            } catch (error) {
              reject(error);
            }
          }),
          reject,
        );
      }),
    );
  } finally {
    clearInterval(held);
  }
}

/** Makes the function that aevent registers in place of a task's callback: it is entered in place, and may suspend. */
export const entered = inTask;

/** Waits for a promise: for what has to be over before the next round. */
export const wait = (promise) => aevent.await_(promise);

async function attempt({ run, expected, refused }, id) {
  let outcome;
  try {
    outcome = { value: await aevent.call(() => run(stop, id)) };
  } catch (error) {
    outcome = { error };
  }
  if (refused) {
    const { code, message } = outcome.error ?? {};
    if (
      code === refused ||
      (code === 'AEVENT_NO_PORTAL' && refused instanceof RegExp && refused.test(message))
    )
      return;
    throw outcome.error ?? new Error('was to be refused, but suspended');
  }
  if ('error' in outcome) throw outcome.error;
  deepStrictEqual(outcome.value, typeof expected === 'function' ? expected(id) : expected);
}

let roundsRun = 0;

// In the middle of a round: while tasks are parked.
async function collectNowAndThen() {
  if (roundsRun++ % FULL_GC_EVERY !== 0) return;
  await turn();
  collect();
}

const compares = Boolean(process.env.TORTURE_COMPARES);

// Minor collections visit all stacks then, and look whether they write to what they would have skipped.
function compareCollections() {
  const { written } = CollectState;
  const state = core.binding?.collectParked(CollectMode.compare);
  if (state === undefined || state[written] === 0) return;
  const count = state[written];
  state[written] = 0;
  throw new Error(`minor collections have written to ${count} stacks that they would have skipped`);
}

/** Runs a case; throws if a task has a wrong result. */
export async function torment(subject, rounds = ROUNDS) {
  for (let round = 0; round < rounds; round++) {
    const tasks = Array.from({ length: TASKS }, (_, i) => attempt(subject, i + 1));
    await Promise.all([...tasks, collectNowAndThen()]);
    if (compares) compareCollections();
  }
}

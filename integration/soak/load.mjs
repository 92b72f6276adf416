// One round of the soak: tasks that take one piece of work after the other.
import { setTimeout as delay } from 'node:timers/promises';
import aevent, { Cancelled } from 'aevent';
import { suspendedCalls } from 'aevent/lowlevel';
import { attempt, counts, endedSoFar, pick, running, wrong } from './tally.mjs';

const BEAT_MS = 100;
/** So many turns of the loop in which no work ends although some is begun: a task was not woken. */
const STALLED_BEATS = 50;
const DUMPED = 5;

/** How often each kind of work comes up. */
const SHARES = {
  timer: 25,
  burst: 12,
  builtin: 12,
  file: 10,
  tree: 3,
  child: 2,
  error: 5,
  cancel: 5,
  socket: 6,
  stream: 8,
  listen: 3,
  http: 6,
  fetch: 3,
  datagram: 4,
  name: 3,
  lock: 6,
  queue: 6,
  poll: 6,
};
const lots = Object.entries(SHARES).flatMap(([kind, share]) => Array.from({ length: share }, () => kind));
let lastId = 0;

/** Describes the work that runs, and the first stacks that are parked. */
function dump() {
  const kinds = [...running.values()];
  const waits = suspendedCalls().map(({ what, stack }) => `${what}\n${stack}`);
  return `${kinds.length} run (${[...new Set(kinds)]}), ${waits.length} wait:\n${waits.slice(0, DUMPED).join('\n')}`;
}

/** Resolves when `done` does, which gives true; or to false when nothing ends any more, or the time is up. */
async function progress(done, untilMs) {
  let isDone = false;
  const noted = done.then(() => {
    isDone = true;
  });
  let last = endedSoFar();
  for (let beats = 0; beats < STALLED_BEATS && performance.now() < untilMs; beats++) {
    await Promise.race([noted, delay(BEAT_MS)]);
    if (isDone) return true;
    if (endedSoFar() !== last) beats = 0;
    last = endedSoFar();
  }
  return false;
}

/**
 * Has `live` tasks work until `stopMs`. Then what they are at is waited for, no longer than until `cutMs`, where it is
 * cancelled. Resolves to true when all have ended; to false if some did not: then there is no use in going on.
 */
export async function round({ live, work, stopMs, cutMs }) {
  let scope;
  const isCancelled = (error) => error instanceof Cancelled && scope.cancelCalled;
  const worker = () => {
    while (performance.now() < stopMs) {
      const kind = pick(lots);
      attempt(kind, () => work[kind](++lastId), isCancelled);
    }
  };
  const ended = aevent
    .runner((tasks) => {
      scope = tasks.cancelScope;
      for (let i = 0; i < live; i++) tasks.spawn(worker);
    })
    .catch((error) => wrong.push(`a round ended with ${error?.stack ?? error}`));
  if (await progress(ended, cutMs)) return true;
  if (performance.now() < cutMs) wrong.push(`a wake-up was missed: ${dump()}`);
  scope.cancel('the round is over');
  if (await progress(ended, Number.POSITIVE_INFINITY)) return true;
  wrong.push(`cancelled, but not ended: ${dump()}`);
  return false;
}

/** Describes the work that was begun and has not ended, or has ended more than once. */
export const unaccounted = () =>
  Object.entries(counts)
    .filter(([, { begun, done, cancelled, wrong }]) => begun !== done + cancelled + wrong)
    .map(([kind, count]) => `${kind} ${JSON.stringify(count)}`);

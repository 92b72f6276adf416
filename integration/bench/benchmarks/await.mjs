// await_ beside native await, synckit, make-synchronous and deasync.
import { atLeast, atMost } from '../criteria.mjs';

/** A resolved promise: how long until synchronous (or, natively, async) code has its value. */
export async function measure(lab) {
  const here = await lab.ask('await.mjs');
  const onThreads = await lab.ask('await.mjs', { env: { AEVENT_BACKEND: 'thread' }, args: ['aevent only'] });
  const { deasync } = await lab.ask('deasync.cjs');
  const line = (what, { median, min }) => ({ what, value: median / 1000, best: min / 1000, unit: 'µs' });
  const ours = here.await_.median / 1000;
  const parking = here['await_ that parks'].median / 1000;
  return {
    measured: [
      line('native await', here['native await']),
      line(`aevent.await_ (${here.backend})`, here.await_),
      line(`aevent.await_ that parks (${here.backend})`, here['await_ that parks']),
      line(`aevent.await_ that parks (${onThreads.backend})`, onThreads['await_ that parks']),
      line('aevent.await_ of a value', here['await_ of a value']),
      line('synckit (blocks the loop)', here.synckit),
      line('make-synchronous (blocks the loop)', here['make-synchronous']),
      line('deasync (from the main script)', deasync),
    ],
    criteria: [
      atMost('`await_` of a fulfilled promise, nothing else to run (does not park)', ours, 1.5, 'µs'),
      atMost('`await_` that parks, something else running first', parking, 0.7, 'µs'),
      atLeast(
        "the same against synckit's best call in the same run, faster by",
        here.synckit.min / 1000 / parking,
        5,
        '×',
      ),
    ],
  };
}

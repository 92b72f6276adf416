import { atLeast, atMost } from '../criteria.mjs';

/** A resolved promise: how long until synchronous (or, natively, async) code has its value. */
export async function measure(lab) {
  const here = await lab.ask('await.mjs');
  const onThreads = await lab.ask('await.mjs', { env: { AEVENT_BACKEND: 'thread' }, args: ['aevent only'] });
  const { deasync } = await lab.ask('deasync.cjs');
  const us = ({ median }) => median / 1000;
  const ours = us(here.await_);
  const synckit = here.synckit.min / 1000;
  return {
    measured: [
      { what: 'native await', value: us(here['native await']), unit: 'µs' },
      { what: `aevent.await_ (${here.backend})`, value: ours, unit: 'µs' },
      { what: `aevent.await_ (${onThreads.backend})`, value: us(onThreads.await_), unit: 'µs' },
      { what: 'aevent.await_ of a value', value: us(here['await_ of a value']), unit: 'µs' },
      { what: 'synckit (blocks the loop)', value: us(here.synckit), unit: 'µs' },
      { what: 'synckit, best of its batches', value: synckit, unit: 'µs' },
      { what: 'make-synchronous (blocks the loop)', value: us(here['make-synchronous']), unit: 'µs' },
      { what: 'deasync (from the main script)', value: us(deasync), unit: 'µs' },
    ],
    criteria: [
      atMost('await_ of a resolved promise (fiber)', ours, 1.5, 'µs'),
      atLeast("await_ is faster than synckit's best call by", synckit / ours, 5, '×'),
    ],
  };
}

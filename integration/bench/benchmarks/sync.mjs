// Locks and queues.
import { atMost } from '../criteria.mjs';
import { besideGevent } from '../gevent.mjs';

/** Locks and queues, beside gevent's. */
export async function measure(lab) {
  const ours = await lab.ask('sync.mjs');
  const us = (name) => ours[name].median / 1000;
  return {
    measured: besideGevent(ours),
    criteria: [
      atMost('`Lock`, acquire + release', us('Lock, acquire + release'), 0.3, 'µs'),
      atMost('`Queue`, put + get between two tasks', us('Queue, put + get between two tasks'), 3, 'µs'),
    ],
  };
}

// Contender: locks and queues.
import aevent from 'aevent';
import { Queue } from 'aevent/queue';
import { Lock, RLock } from 'aevent/threading';
import { interleave } from '../interleave.mjs';

const inTask = (body) => (times) => aevent.run(() => body(times));

const locking = (lock) =>
  inTask((times) => {
    for (let i = 0; i < times; i++) {
      lock.acquire();
      lock.release();
    }
  });

const passing = (maxsize) =>
  inTask((times) => {
    const queue = new Queue(maxsize);
    aevent.spawn(() => {
      for (let i = 0; i < times; i++) queue.put(i);
    });
    for (let i = 0; i < times; i++) queue.get();
  });

// Each item is waited for, and answered: two switches.
const answering = inTask((times) => {
  const [there, back] = [new Queue(), new Queue()];
  aevent.spawn(() => {
    for (let i = 0; i < times; i++) back.put(there.get());
  });
  for (let i = 0; i < times; i++) {
    there.put(i);
    back.get();
  }
});

const measured = await interleave({
  'Lock, acquire + release': locking(new Lock()),
  'RLock, acquire + release': locking(new RLock()),
  'Queue, put + get between two tasks': passing(0),
  'Queue(1), put + get between two tasks': passing(1),
  'Queue, an item there and one back': answering,
});
process.send(measured, () => process.exit());

// Contender: how long aevent.tasks() takes to tell of many parked tasks.
import aevent from 'aevent';
import { median } from '../interleave.mjs';

const ROUNDS = 5;
const count = Number(process.argv[2]);

function took(options) {
  const times = [];
  for (let i = 0; i < ROUNDS; i++) {
    const begin = performance.now();
    const { parked } = aevent.tasks(options);
    times.push(performance.now() - begin);
    if (parked !== count) throw new Error(`${parked} tasks are parked, not ${count}`);
  }
  return median(times);
}

let open;
const gate = new Promise((resolve) => {
  open = resolve;
});
const waits = () => aevent.await_(gate);
const all = Array.from({ length: count }, () => aevent.call(waits));
await new Promise(setImmediate);
const message = { withoutMs: took({ stacks: false }), withMs: took({ stacks: true }) };
open();
await Promise.all(all);
process.send(message, () => process.exit());

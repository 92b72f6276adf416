// Contender: what aevent.tasks() takes to tell of many parked tasks, in milliseconds.
import aevent from 'aevent';
import { median } from '../interleave.mjs';

const ROUNDS = 5;
const count = Number(process.argv[2]);

function took(options) {
  const times = [];
  for (let i = 0; i < ROUNDS; i++) {
    // Of the processor: what other programs do has less influence.
    const begin = process.cpuUsage();
    const { parked } = aevent.tasks(options);
    const { user, system } = process.cpuUsage(begin);
    times.push((user + system) / 1000);
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

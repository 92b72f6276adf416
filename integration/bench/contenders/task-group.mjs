// The work of with-gevent.py, in aevent's words.
import aevent from 'aevent';
import { interleave } from '../interleave.mjs';

const GROUP = 100;
const nothing = () => {};

const inTask = (body) => (times) => aevent.run(() => body(times));

const measured = await interleave({
  'task group spawn + join, 100 in a group': inTask((times) => {
    for (let done = 0; done < times; done += GROUP) {
      aevent.taskGroup((tasks) => {
        for (let i = 0; i < GROUP; i++) tasks.spawn(nothing);
      });
    }
  }),
  'task group spawn + join, 1 in a group': inTask((times) => {
    for (let done = 0; done < times; done++) aevent.taskGroup((tasks) => void tasks.spawn(nothing));
  }),
});
process.send(measured, () => process.exit());

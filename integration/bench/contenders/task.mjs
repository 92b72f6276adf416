// Contender: tasks beside async functions.
import aevent from 'aevent';
import { interleave } from '../interleave.mjs';

const GROUP = 100;
const resolved = Promise.resolve();
const nothing = () => {};
const suspendOnce = () => aevent.await_(resolved);

const calls = (fn) => async (times) => {
  for (let i = 0; i < times; i++) await aevent.call(fn);
};
const spawns = (fn) => (times) =>
  aevent.run(async () => {
    for (let done = 0; done < times; done += GROUP) {
      const group = aevent.createTaskGroup();
      for (let i = 0; i < GROUP; i++) group.spawn(fn);
      await group[Symbol.asyncDispose]();
    }
  });
const asyncFunctions = async (times) => {
  for (let i = 0; i < times; i++) await (async () => {})();
};

const measured = await interleave({
  'native async function': asyncFunctions,
  call: calls(nothing),
  'call, suspends once': calls(suspendOnce),
  'spawn, 100 in a group': spawns(nothing),
  'spawn, 100 in a group, each suspends once': spawns(suspendOnce),
});
process.send(measured, () => process.exit());

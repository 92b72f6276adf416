// Tasks that hold young objects in every kind of frame while they are parked, for short and for long, and the young
// generation is collected all the time: node parked-young.mjs <mode> <turns>. What each finds when it goes on must be
// what it had. Prints what minor collections did: of the modes of runtime/native/binding.ts, `skip` is what aevent does,
// `compare` looks whether V8 writes to memory that would have been skipped, and `compareAll` must find that it does.
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import aevent from 'aevent';
import { suspendedCalls } from 'aevent/lowlevel';
import { CollectMode, CollectState } from '../../dist/runtime/native/binding.js';
import { core } from '../../dist/runtime/suspension/native-core.js';
import { randomFrom } from '../support/random.mjs';

const TASKS = 150;
const LONG = 12; // one in so many waits
const LONG_TURNS = 60;
const LOOKS_EVERY = 50; // turns

const random = randomFrom(1);

setFlagsFromString('--expose-gc');
const collect = globalThis.gc ?? runInNewContext('gc');

/** Made just now, and known to nothing but the frame that it is given to. */
const young = (id) => ({
  id,
  list: [id, { id }],
  text: `${id}:${turns}`,
  number: id + 0.5,
  big: BigInt(id) ** 9n,
});
const isRight = (thing, id) =>
  thing.id === id &&
  thing.list[1].id === id &&
  thing.text.startsWith(`${id}:`) &&
  thing.number === id + 0.5 &&
  thing.big === BigInt(id) ** 9n;

/** Each suspends with young objects in its frames, and says whether they are right afterwards. */
const HOLDERS = [
  function local(id, pause) {
    const thing = young(id);
    pause();
    return isRight(thing, id);
  },
  function deep(id, pause, depth = 12) {
    const thing = young(id + depth);
    if (depth === 0) pause();
    else if (!deep(id, pause, depth - 1)) return false;
    return isRight(thing, id + depth);
  },
  function closure(id, pause) {
    let thing = young(id);
    const inner = () => {
      const own = young(id + 1);
      pause();
      return isRight(own, id + 1) && isRight(thing, id);
    };
    const right = inner();
    thing = undefined;
    return right;
  },
  function compared(id, pause) {
    const things = Array.from({ length: 5 }, (_, i) => young(id + i)).sort((a, b) => {
      pause();
      return b.id - a.id;
    });
    return things.every((thing, i) => isRight(thing, id + 4 - i));
  },
  function mapped(id, pause) {
    return Array.from([1, 2, 3], (i) => [young(id * i), pause()][0]).every((thing, i) =>
      isRight(thing, id * (i + 1)),
    );
  },
  function replaced(id, pause) {
    const text = `${id}-${id + 1}`.replace(/\d+/g, (digits) => [`<${digits}>`, pause()][0]);
    return text === `<${id}>-<${id + 1}>`;
  },
  function reduced(id, pause) {
    return [1, 2, 3].reduce((sum, i) => sum + i + (pause() ?? 0.25), id) === id + 6.75;
  },
  function generated(id, pause) {
    function* things() {
      for (let i = 0; i < 3; i++) {
        const thing = young(id + i);
        pause();
        yield thing;
      }
    }
    return [...things()].every((thing, i) => isRight(thing, id + i));
  },
  function trapped(id, pause) {
    const thing = new Proxy(young(id), { get: (target, key) => [target[key], pause()][0] });
    return thing.text.startsWith(`${id}:`) && thing.list[1].id === id;
  },
  function converted(id, pause) {
    const thing = young(id);
    return `${{ toString: () => [thing.text, pause()][0] }}`.startsWith(`${id}:`) && isRight(thing, id);
  },
  function constructed(id, pause) {
    class Base {
      thing = [young(id), pause()][0];
    }
    return isRight(new (class extends Base {})().thing, id);
  },
  function thrown(id, pause) {
    try {
      throw young(id);
    } catch (thing) {
      try {
        pause();
      } finally {
        pause();
      }
      return isRight(thing, id);
    }
  },
  function spread(id, pause) {
    const all = (...things) => [things, pause()][0];
    return all(young(id), ...[young(id), young(id)]).every((thing) => isRight(thing, id));
  },
  function iterated(id, pause) {
    let right = true;
    new Map([[young(id), young(id + 1)]]).forEach((value, key) => {
      pause();
      right = isRight(key, id) && isRight(value, id + 1);
    });
    return right;
  },
  function reflected(id, pause) {
    const thing = young(id);
    return Reflect.apply(
      function (other) {
        pause();
        return isRight(this, id) && isRight(other, id);
      }.bind(thing),
      undefined,
      [young(id)],
    );
  },
];

const waiting = [];
let turns = 0;
const pause = () => {
  aevent.await_(
    new Promise((resolve) => {
      const longest = random(LONG) === 0 ? LONG_TURNS : 3;
      waiting.push({ at: turns + random(longest), resolve });
    }),
  );
};

const isSliced = Boolean(process.env.AEVENT_PREEMPT);
const calls = (n) => (n < 2 ? n : calls(n - 1) + calls(n - 2));

let wrong = 0;
let held = 0;
let isOver = false;
const task = (id) => () => {
  while (!isOver) {
    const holder = HOLDERS[random(HOLDERS.length)];
    if (isSliced) calls(14);
    if (!holder(id, pause)) wrong++;
    held++;
  }
};

const mode = process.argv[2];
const allTurns = Number(process.argv[3]);
let most = 0;
let garbage = [];
await aevent.run(async () => {
  const state = core.binding?.collectParked(CollectMode[mode]) ?? [];
  const tasks = Array.from({ length: TASKS }, (_, i) => aevent.call(task(i + 1)));
  // One that was sliced begins its last pause late.
  let running = tasks.length;
  const ended = () => running--;
  for (const each of tasks) each.then(ended, ended);
  while (turns < allTurns || running > 0) {
    turns++;
    isOver = turns >= allTurns;
    for (let i = waiting.length - 1; i >= 0; i--) {
      if (waiting[i].at > turns && !isOver) continue;
      waiting[i].resolve();
      waiting.splice(i, 1);
    }
    for (let i = 0; i < 300; i++) garbage.push({ i, list: [i] });
    if (garbage.length > 5000) garbage = [];
    if (random(2) === 0) collect({ type: 'minor' });
    if (random(200) === 0) collect();
    if (random(LOOKS_EVERY) === 0) suspendedCalls();
    most = Math.max(most, state[CollectState.skipped] ?? 0);
    await turn();
  }
  await Promise.all(tasks);
  const [, scavenges, displaced, words, written] = state;
  const { collections } = aevent.info().features;
  console.log(JSON.stringify({ collections, held, wrong, most, scavenges, displaced, words, written }));
});

// Async functions that wait by await: node --expose-gc growth-async.mjs COUNT
import measuring from './growth-measure.cjs';

const { DEPTH, END, measure } = measuring;
const wakers = [];
let waits = 0;

function wait(i) {
  return new Promise((resolve) => {
    wakers[i] = resolve;
    waits++;
  });
}

async function descend(depth, i) {
  return depth > 1 ? (await descend(depth - 1, i)) + 1 : await wait(i);
}

async function body(i) {
  while ((await descend(DEPTH, i)) !== END + DEPTH - 1);
}

await measure(Number(process.argv[2]), {
  start: body,
  wake: (i, value) => wakers[i](value),
  waits: () => waits,
  settle: () => new Promise(setImmediate),
  async handOver(times) {
    const [a, b] = [wakers.length, wakers.length + 1];
    const answer = async () => {
      for (let i = 0; i < times / 2; i++) {
        await wait(b);
        wakers[a](0);
      }
    };
    const answering = answer();
    for (let i = 0; i < times / 2; i++) {
      wakers[b](0);
      await wait(a);
    }
    await answering;
  },
});

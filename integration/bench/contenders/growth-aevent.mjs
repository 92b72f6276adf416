// Tasks that wait by await_(): node --expose-gc growth-aevent.mjs COUNT
import aevent from 'aevent';
import measuring from './growth-measure.cjs';

const { DEPTH, END, measure } = measuring;
const wakers = [];
let waits = 0;

function wait(i) {
  return aevent.await_(
    new Promise((resolve) => {
      wakers[i] = resolve;
      waits++;
    }),
  );
}

const descend = (depth, i) => (depth > 1 ? descend(depth - 1, i) + 1 : wait(i));

function body(i) {
  while (descend(DEPTH, i) !== END + DEPTH - 1);
}

await aevent.run(async () => {
  const group = aevent.createTaskGroup();
  await measure(Number(process.argv[2]), {
    start: (i) => group.spawn(() => body(i)),
    wake: (i, value) => wakers[i](value),
    waits: () => waits,
    settle: () => new Promise(setImmediate),
    async handOver(times) {
      const [a, b] = [wakers.length, wakers.length + 1];
      const answering = aevent.call(() => {
        for (let i = 0; i < times / 2; i++) {
          wait(b);
          wakers[a](0);
        }
      });
      await aevent.call(() => {
        for (let i = 0; i < times / 2; i++) {
          wakers[b](0);
          wait(a);
        }
      });
      await answering;
    },
  });
});

// Fibers of node-fibers, which wait by Fiber.yield(): node14 --expose-gc growth-fibers.cjs COUNT FIBERS
const Fiber = require(process.argv[3]);
const { DEPTH, END, measure } = require('./growth-measure.cjs');

const fibers = [];
let waits = 0;

function wait() {
  waits++;
  return Fiber.yield();
}

const descend = (depth) => (depth > 1 ? descend(depth - 1) + 1 : wait());

function body() {
  while (descend(DEPTH) !== END + DEPTH - 1);
}

measure(Number(process.argv[2]), {
  start(i) {
    fibers[i] = Fiber(body);
    fibers[i].run();
  },
  wake: (i, value) => fibers[i].run(value),
  waits: () => waits,
  settle: () => Promise.resolve(),
  // It has no hub: who resumes a fiber gets control back when that yields. So one there and back is two.
  handOver(times) {
    const fiber = Fiber(() => {
      for (;;) Fiber.yield();
    });
    for (let i = 0; i < times / 2; i++) fiber.run();
    return Promise.resolve();
  },
}).catch((error) => {
  console.error(error);
  process.exit(1);
});

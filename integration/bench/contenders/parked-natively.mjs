// Contender: async functions that await at call depth 20.
const DEPTH = 20;
const count = Number(process.argv[2]);

async function descend(depth, promise) {
  return depth > 1 ? (await descend(depth - 1, promise)) + 1 : await promise;
}

function rss() {
  gc();
  return process.memoryUsage.rss();
}

let open;
const gate = new Promise((resolve) => {
  open = resolve;
});
const before = rss();
const all = Array.from({ length: count }, () => descend(DEPTH, gate));
await new Promise(setImmediate);
const bytes = (rss() - before) / count;
open(0);
await Promise.all(all);
process.send({ bytes }, () => process.exit());

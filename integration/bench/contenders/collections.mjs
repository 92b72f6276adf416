// Measures collections beside parked tasks: node --expose-gc collections.mjs <tasks>. The same is measured before any is
// parked, in the same process.
import aevent from 'aevent';
import { median } from '../interleave.mjs';

const DEPTH = 20;
const UNTIL_OLD = 6; // minor collections
const count = Number(process.argv[2]);

function timed(fn) {
  const begin = performance.now();
  fn();
  return performance.now() - begin;
}
const medianOf = (times, fn) => median(Array.from({ length: times }, () => timed(fn)));

const minor = () => gc({ type: 'minor' });
/** Some 100 MB of small objects, few of which live on. */
function allocate() {
  let some = [];
  for (let i = 0; i < 1_000_000; i++) {
    some.push({ i, next: undefined });
    if (some.length === 1000) some = [];
  }
}

function measure() {
  return { minorMs: medianOf(51, minor), allocatingMs: medianOf(15, allocate), fullMs: medianOf(5, gc) };
}

function descend(depth, promise) {
  return depth > 1 ? descend(depth - 1, promise) + 1 : aevent.await_(promise);
}

await aevent.run(async () => {
  for (let i = 0; i < 10; i++) allocate();
  const before = measure();
  const gate = Promise.withResolvers?.() ?? {};
  gate.promise ??= new Promise((resolve) => Object.assign(gate, { resolve }));
  let parked = 0;
  let refused = 0;
  const tasks = Array.from({ length: count }, () =>
    aevent
      .call(() => {
        parked++;
        descend(DEPTH, gate.promise);
      })
      .catch(() => refused++),
  );
  while (parked + refused < count) await new Promise(setImmediate);
  const firstMs = timed(minor);
  for (let i = 1; i < UNTIL_OLD; i++) minor();
  const beside = measure();
  gate.resolve();
  await Promise.all(tasks);
  process.send({ parked, firstMs, before, beside }, () => process.exit());
});

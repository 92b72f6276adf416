// At which places a stack may be put aside that V8 interrupts. V8 names none, but the return addresses below the callback tell
// them apart (native/preemption/place.h). They are learned from functions whose tier is known, by V8's natives syntax:
//
// - in the interpreter and in baseline code nothing is kept over a look for interrupts, so each is harmless;
// - in optimized code only the look at a function's entry is, where nothing has been read yet. In its loops V8 has kept
//   types and values of the heap, which what runs meanwhile would change: that ends in wrong results, or worse;
// - whatever was not seen here, such as irregexp, is taken for harmful.
// Guarded by test/runtime/preemption/places.test.ts.
import { type NativeBinding, SliceState } from '../native/binding.js';
import { harmlessEntries } from './v8-version.js';

type Learn = (ask: (isHarmless: boolean) => void, heard: Float64Array, index: number) => unknown;

const UNKNOWN = Symbol('V8 does not know one of its functions');

// V8 itself chooses when a function goes from one tier to the next. `%CompileBaseline` would end the process where it cannot.
const unoptimized = `(function (ask, heard, index) {
  const loop = (function loop(n, wanted) {
    const before = heard[index];
    let sum = 0;
    if (wanted) ask(true);
    for (let i = 0; i < n && heard[index] === before; i++) {
      sum = (sum + i * 3) % 7;
      if (sum > 100) sum = sum - i;
    }
    return sum;
  });
  %NeverOptimizeFunction(loop);
  loop(1000000, true);
  for (let round = 0; round < 5; round++) loop(2000, false);
  loop(1000000, true);
  return !%IsSparkplugEnabled() || %ActiveTierIsSparkplug(loop);
})`;

/** V8 compiles baseline code of several functions at once, when it has enough of them. */
const MOST_FUNCTIONS = 8;

const entries = `(function (ask) {
  const deep = (function deep(n) { return n === 0 ? 0 : 1 + deep(n - 1); });
  %NeverOptimizeFunction(deep);
  deep(2);
  ask(true);
  deep(2);
})`;

const optimized = (tier: string, how: string): string => `(function (ask, heard, index) {
  if (!%Is${tier}Enabled()) return;
  const deep = (function deep(n) { return n <= 0 ? 0 : 1 + deep(n - 1); });
  %PrepareFunctionForOptimization(deep);
  deep(3);
  %${how}(deep);
  deep(3);
  if (%ActiveTierIs${tier}(deep)) {
    ask(true);
    deep(40);
  }
  const loop = (function loop(n, first) {
    first(false);
    let sum = 0;
    for (let i = 0; i < n; i++) sum += i % 7;
    return sum;
  });
  // Called with several functions, so that another one is nothing new: the loop would go on unoptimized.
  const others = [() => 0, () => 1, () => 2, () => 3, () => 4];
  const warm = () => others.forEach((other) => loop(10, other));
  %PrepareFunctionForOptimization(loop);
  warm();
  %${how}(loop);
  warm();
  if (%ActiveTierIs${tier}(loop)) {
    const before = heard[index];
    loop(1000000, ask);
    for (let i = 0; i < 1000 && heard[index] === before; i++) loop(1000, others[0]);
  }
  return %ActiveTierIs${tier}(loop);
})`;

/**
 * Learns the harmless places; on a carrier, with interrupts started.
 * @returns empty, or why interrupts cannot be relied on
 */
export function learnPlaces(native: NativeBinding, state: Float64Array): string {
  const ask = (isHarmless: boolean): void => native.learnNextPlace(isHarmless);
  const run = (source: string): unknown => {
    // Named, so that nothing takes its frames for the program's.
    const learn = native.runWithNatives(`${source}\n//# sourceURL=node:aevent`) as Learn | undefined;
    return learn === undefined ? UNKNOWN : learn(ask, state, SliceState.heard);
  };
  for (let count = 0; count < MOST_FUNCTIONS; count++) {
    const done = run(unoptimized);
    if (done === UNKNOWN) return "V8's natives syntax lacks what its functions' places are learned by";
    if (done === true) break;
  }
  if (state[SliceState.heard] === 0) return 'an interrupt was asked for in a plain loop, and did not come';
  if (harmlessEntries) run(entries);
  run(optimized('Maglev', 'OptimizeMaglevOnNextCall'));
  run(optimized('Turbofan', 'OptimizeFunctionOnNextCall'));
  return '';
}

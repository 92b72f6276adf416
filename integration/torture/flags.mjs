// The flags that V8 is stressed with. A version that does not know a flag goes without it (`node --v8-options`). What a flag breaks
// without aevent as well is left out: SKIPPED in callbacks.mjs, and the undici of Node 22 under --jitless in child.mjs.
import { execFileSync } from 'node:child_process';

/** By name: alternatives, the first that a version knows is taken; a list needs all of its flags. */
export const STRESS = {
  'gc at short intervals': [['--gc-interval=500']],
  'gc at random': [['--random-gc-interval=1000']],
  compaction: [['--stress-compaction'], ['--compact-on-every-full-gc', '--always-compact']],
  'scavenges at random': [['--stress-scavenge=50', '--max-semi-space-size=1']],
  'incremental marking': [['--stress-incremental-marking'], ['--stress-marking=10']],
  'concurrent allocation': [['--stress-concurrent-allocation']],
  'scavenges of 1 MB': [['--max-semi-space-size=1', '--semi-space-growth-factor=2']],
  'conservative stack scanning': [['--conservative-stack-scanning']],
  'minor mark-sweep': [['--minor-ms'], ['--minor-mc']],
  'one thread': [['--single-threaded']],
  'no JIT': [['--jitless']],
  'no optimizer': [['--no-opt']],
  'no Sparkplug': [['--no-sparkplug']],
  'Sparkplug at once': [['--always-sparkplug']],
  'optimizer at once': [['--always-turbofan'], ['--always-opt']],
  Maglev: [['--maglev']],
  'Maglev under stress': [['--stress-maglev']],
  'no Maglev': [['--no-maglev']],
  'no on-stack replacement': [['--no-use-osr']],
  'on-stack replacement at once': [['--always-osr']],
  'deoptimization every 50 times': [['--deopt-every-n-times=50']],
  'lazy compilation of everything': [['--max-lazy']],
  'bytecode flushing': [['--stress-flush-code', '--flush-bytecode']],
  'inline caches off': [['--no-use-ic']],
  'small stack': [['--stack-size=256']],
  'large stack': [['--stack-size=3000']],
  'interrupt budget of 100': [['--interrupt-budget=100']],
  'WebAssembly code collected': [['--stress-wasm-code-gc']],
  'WebAssembly memory that moves': [['--stress-wasm-memory-moving']],
  'WebAssembly optimized at once': [['--wasm-tiering-budget=1']],
  'source positions collected late': [['--stress-lazy-source-positions']],
};

/**
 * With it a Node may hang, without aevent too, where it waits for V8's tasks: at its end, and whenever its loop has nothing
 * left to wait for. V8's own task then waits for a collection by the thread that joins it. On Node 20 the Worker of
 * `module.register()`, also of hooks that do nothing, has nothing to wait for when it starts.
 */
export const UNJOINABLE = '--stress-concurrent-allocation';

/** The short selection of `npm test`. */
export const SHORT = ['gc at short intervals', 'scavenges at random', 'no JIT', 'small stack'];

const nameOf = (flag) => flag.replace(/=.*/, '').replace(/^--no-/, '--');

/** Asks a Node which V8 flags it knows. */
function knownFlags(node) {
  const text = execFileSync(node, ['--v8-options'], { encoding: 'utf8', maxBuffer: 2 ** 24 });
  return new Set([...text.matchAll(/^\s+(--[\w-]+)/gm)].map(([, flag]) => nameOf(flag)));
}

/**
 * The settings of {@link STRESS} that this Node knows.
 * @returns rows of name and flags
 */
export function stressFor(node, names = Object.keys(STRESS)) {
  const known = knownFlags(node);
  return names.flatMap((name) => {
    const flags = STRESS[name].find((list) => list.every((flag) => known.has(nameOf(flag))));
    return flags ? [[name, flags]] : [];
  });
}

// Parts of the torture: the table of callbacks, plainly and under V8's stress flags.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildAddon } from './addon/build.mjs';
import { drive } from './drive.mjs';
import { SHORT, stressFor } from './flags.mjs';

const ROUNDS = 20;
const STRESSED_ROUNDS = 2;
const SLICED_ROUNDS = 5;
const HUNG_MS = 60_000;
const STRESSED_HUNG_MS = 180_000;

// Flags that change what a case sees, rather than how V8 does it.
const SKIPPED = {
  '--jitless': /WebAssembly|JSPI|Response and Request|EventSource/, // there is no WebAssembly then
  '--stack-size=256': /deep recursion/,
};

/** The names of the cases that a Node knows. */
export async function casesOf(node) {
  const print = `const { table } = await import(${JSON.stringify(join(import.meta.dirname, 'table.mjs'))});
    process.stdout.write(JSON.stringify(table.map(({ name }) => name)), () => process.exit());`;
  const { NODE_OPTIONS: _, ...env } = process.env;
  const args = ['--experimental-vm-modules', '--no-warnings', '--input-type=module', '-e', print];
  const { stdout } = await promisify(execFile)(node, args, { env });
  return JSON.parse(stdout);
}

/** Runs the table once under these flags; gives how many cases ran, and what failed. */
export async function runTable({
  node,
  backend,
  names,
  flags = [],
  seed = 1,
  rounds = ROUNDS,
  hungMs = HUNG_MS,
  variables = {},
}) {
  await buildAddon();
  const skipped = flags.map((flag) => SKIPPED[flag]).filter(Boolean);
  const chosen = names.filter((name) => !skipped.some((pattern) => pattern.test(name)));
  const failures = [];
  await drive(
    chosen,
    { node, backend, flags, seed, passes: 1, rounds, hungMs, variables },
    (name, failure) => {
      if (failure) failures.push({ name: [name, ...flags].join(' '), failure });
    },
  );
  return { cases: chosen.length, failures };
}

const merge = (results) => ({
  cases: Math.max(0, ...results.map(({ cases }) => cases)),
  failures: results.flatMap(({ failures }) => failures),
});

/** Issues the table as long as the time allows, each time with another seed; once at least. */
export const callbacks = {
  name: 'callbacks',
  what: 'suspensions in callbacks, 5 tasks, 20 rounds',
  async run({ node, backend, names, flags, untilMs }) {
    const results = [];
    let seed = 1;
    do results.push(await runTable({ node, backend, names, flags, seed: seed++ }));
    while (Date.now() < untilMs && results.at(-1).failures.length === 0);
    return merge(results);
  },
};

/** The table with every task put aside in the middle of computing, in each callback, as often as that goes. */
export const sliced = {
  name: 'sliced',
  what: 'callbacks that compute and are sliced, 5 tasks, 5 rounds',
  async run({ node, backend, names, flags, untilMs }) {
    const results = [];
    let seed = 1;
    const setting = {
      node,
      backend,
      names,
      flags,
      rounds: SLICED_ROUNDS,
      variables: { AEVENT_PREEMPT: '0.01' },
    };
    do results.push(await runTable({ ...setting, seed: seed++ }));
    while (Date.now() < untilMs && results.at(-1).failures.length === 0);
    return merge(results);
  },
};

// The table under each of V8's stress flags that the version knows.
const stressed = (variables) =>
  async function run({ node, backend, names, flags, short = false, untilMs }) {
    const results = [];
    const settings = stressFor(node, short ? SHORT : undefined);
    let seed = 1;
    do {
      for (const [, stressFlags] of settings) {
        results.push(
          await runTable({
            node,
            backend,
            names,
            flags: [...flags, ...stressFlags],
            seed,
            rounds: STRESSED_ROUNDS,
            hungMs: STRESSED_HUNG_MS,
            variables,
          }),
        );
      }
      seed++;
    } while (Date.now() < untilMs && results.every(({ failures }) => failures.length === 0));
    return { ...merge(results), detail: `${settings.length} settings` };
  };

export const stress = {
  name: 'v8-stress',
  what: 'the same under V8 stress flags',
  run: stressed({}),
};

/** The same with every task sliced. */
export const slicedStress = {
  name: 'sliced-stress',
  what: 'callbacks that are sliced, under V8 stress flags',
  run: stressed({ AEVENT_PREEMPT: '0.01' }),
};

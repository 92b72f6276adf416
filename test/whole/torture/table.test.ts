import { expect, it } from 'vitest';
import { casesOf, runTable } from '../../../integration/torture/callbacks.mjs';
import { SHORT, stressFor } from '../../../integration/torture/flags.mjs';

// A short form of `npm run torture`, which goes on for twenty rounds, and under every flag.
const node = process.execPath;
const backend = process.env.AEVENT_BACKEND || 'fiber';
const MINUTES_MS = 600_000;
const HUNG_MS = 120_000;
const ROUNDS = 2;
const names = await casesOf(node);

it.concurrent('five tasks interleave in every kind of callback, round after round, with garbage collections in between', {
  timeout: MINUTES_MS,
}, async () => {
  expect(names.length).toBeGreaterThan(180);
  expect(new Set(names).size).toBe(names.length);
  const { cases, failures } = await runTable({ node, backend, names, rounds: ROUNDS, hungMs: HUNG_MS });
  expect(failures).toEqual([]);
  expect(cases).toBe(names.length);
});

it.concurrent('they do so under V8’s stress flags', { timeout: MINUTES_MS }, async () => {
  const settings = stressFor(node, SHORT);
  expect(settings.map(([name]) => name)).toEqual(SHORT);
  for (const [index, [, flags]] of settings.entries()) {
    // A part of the table under each setting; together they are the whole.
    const part = names.filter((_, i) => i % settings.length === index);
    const { cases, failures } = await runTable({
      node,
      backend,
      names: part,
      flags,
      rounds: 1,
      hungMs: HUNG_MS,
    });
    expect(failures).toEqual([]);
    expect(cases).toBeGreaterThan(0);
  }
});

// V8 and Node hold microtasks back in a part of that: a task that is put aside there would never be woken.
it.concurrent('they do so where the evaluation of modules is sliced', { timeout: MINUTES_MS }, async () => {
  const known = names.filter((name) =>
    ['vm.SyntheticModule and SourceTextModule', 'require() of a module'].includes(name),
  );
  const { cases, failures } = await runTable({
    node,
    backend,
    names: known,
    rounds: 12,
    hungMs: HUNG_MS,
    variables: { AEVENT_PREEMPT: '0.01' },
  });
  expect(failures).toEqual([]);
  expect(cases).toBe(known.length);
});

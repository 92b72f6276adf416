// A part of the torture: minor collections skip stacks that are parked for long, under each of V8's settings, and are seen
// to miss nothing.
import { join } from 'node:path';
import { runCommand } from '../support/vitest-run.mjs';
import { runTable } from './callbacks.mjs';
import { stressFor } from './flags.mjs';

const TURNS = 500;
const HUNG_MS = 180_000;
const program = join(import.meta.dirname, 'parked-young.mjs');

/** Runs parked-young.mjs; why it failed, or undefined. */
async function fails(mode, { node, backend, flags, variables }) {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const args = ['--no-warnings', ...flags, program, mode, TURNS].map(String);
  const { ok, how, output } = await runCommand(node, args, {
    env: { ...env, ...variables, AEVENT_BACKEND: backend, AEVENT_WARN: '0' },
    stallMs: HUNG_MS,
  });
  const text = /^\{.*\}$/m.exec(output)?.[0];
  if (!ok || text === undefined) return `${how}\n${output.slice(-2000)}`;
  const { wrong, written } = JSON.parse(text);
  return wrong > 0 || (written > 0 && mode !== 'compareAll') ? text : undefined;
}

/** Tasks that hold young objects while they are parked, and how V8 treats those. */
export const collections = {
  name: 'collections',
  what: 'young objects of parked tasks and of each kind of callback, minor collections all the time',
  async run({ node, backend, names, flags, untilMs }) {
    const settings = [['plain', ['--max-semi-space-size=1']], ...stressFor(node)];
    const failures = [];
    let seed = 1;
    do {
      const variables = { TORTURE_COMPARES: '1' };
      failures.push(...(await runTable({ node, backend, names, flags, seed: seed++, variables })).failures);
      for (const [name, stressed] of settings) {
        for (const variables of [{}, { AEVENT_PREEMPT: '0.1' }]) {
          for (const mode of ['skip', 'compare']) {
            const failure = await fails(mode, { node, backend, flags: [...flags, ...stressed], variables });
            if (failure !== undefined) {
              failures.push({ name: [name, mode, ...Object.keys(variables)].join(', '), failure });
            }
          }
        }
      }
    } while (Date.now() < untilMs && failures.length === 0);
    return { cases: settings.length * 4 + names.length, failures };
  },
};

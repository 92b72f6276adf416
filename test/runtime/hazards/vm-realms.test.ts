import vm from 'node:vm';
import aevent from 'aevent';
import { expect, it } from 'vitest';
import { node } from '../child.js';

const suspends = (): unknown => aevent.await_(new Promise((resolve) => setImmediate(resolve, 'value')));
const early = vm.runInNewContext('(value) => JSON.stringify([value])');

it.each([
  ['that is made in a task', (value: unknown) => vm.runInNewContext('JSON.stringify([value])', { value })],
  ['that was made before the first task', early],
])('a vm context %s: JSON.stringify suspends or is refused, as elsewhere', async (_, stringify) => {
  const outcomes = await Promise.allSettled(
    [1, 2, 3].map(() => aevent.call(() => stringify({ toJSON: suspends }))),
  );
  const refused = /^2[23]\./.test(process.versions.node);
  for (const outcome of outcomes) {
    if (refused) expect(outcome).toMatchObject({ reason: { code: 'AEVENT_NO_PORTAL' } });
    else expect(outcome).toMatchObject({ value: '["value"]' });
  }
});

it('a vm script with a time-out is not suspended: its watchdog would end what runs instead', async () => {
  const body = (options: vm.RunningScriptOptions) => () => vm.runInThisContext('(fn) => fn()', options);
  const run = (options: vm.RunningScriptOptions) =>
    aevent.call(() => vm.runInNewContext('suspends()', { suspends }, options));
  await expect(run({ timeout: 10_000 })).rejects.toThrow(/vm script with a timeout/);
  await expect(run({ breakOnSigint: true })).rejects.toThrow(/breakOnSigint/);
  await expect(run({})).resolves.toBe('value');
  // What it has returned runs outside of it.
  const fn = (await aevent.call(body({ timeout: 10_000 }))) as (fn: () => unknown) => unknown;
  await expect(aevent.call(() => fn(suspends))).resolves.toBe('value');
});

it('what runs a script of a context has a name in its stack: a REPL cuts an error there where the last has none', () => {
  const namesOfFrames = `Error.prepareStackTrace = (_, frames) => frames.map((frame) => frame.getFunctionName());
    new Error().stack`;
  const names = vm.runInNewContext(namesOfFrames) as (string | null)[];
  expect(names[0]).toBe(null);
  expect(names.slice(1, 6)).not.toContain(null);
});

it('the builtins of a context are replaced in one piece, though the task is sliced that runs its first script', async () => {
  const { stdout, code } = await node(['sliced-in-context.mjs'], { AEVENT_PREEMPT: '0.01' });
  expect([stdout, code]).toEqual(['true\n', 0]);
});

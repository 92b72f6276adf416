import { expect, it } from 'vitest';
import { testAsPlainly } from './as-plainly.js';
import { LONG_HUNG_MS, report } from './fixture.js';

const title =
  'events that come before their listeners, which are added after synchronous calls, are seen as in plain Node';
await testAsPlainly(
  title,
  [['made-then-listened.mjs', '', '1/2'], ['made-then-listened.mjs', '', '2/2'], ['lines-awaited.mjs']],
  LONG_HUNG_MS,
);
// Not beside the others: it has all of its emitters at once.
await testAsPlainly(title, [['every-emitter.mjs']], LONG_HUNG_MS);

type Report = { made: number; left: number; targets: string; cancelled: string };

it('a piece that goes on keeps none of the emitters and EventTargets that it has made, and a signal of its own cancels it', async () => {
  const args = ['--expose-gc', '--import', 'aevent/auto', 'piece-that-goes-on.mjs'];
  const { made, left, targets, cancelled } = await report<Report>(args);
  expect(left).toBeLessThan(made / 4);
  expect(targets).toBe('on');
  expect(cancelled).toBe('at once');
});

it('what a callback was given waits for it, though a task waits for what the callback does', async () => {
  const args = ['--import', 'aevent/auto', 'given-while-awaited.mjs'];
  const inOrder = ['listens', '/answer'];
  expect(await report<unknown>(args, LONG_HUNG_MS, { AEVENT_PREEMPT: '0.01' })).toEqual({
    'a call': inOrder,
    slices: inOrder,
  });
});

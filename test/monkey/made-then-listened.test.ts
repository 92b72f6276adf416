import { describe, expect, it } from 'vitest';
import { LONG_HUNG_MS, report } from './fixture.js';

type Logs = Record<string, Record<string, unknown>>;

describe.each(['made-then-listened.mjs', 'every-emitter.mjs', 'lines-awaited.mjs'])(
  'events that come before their listeners, which are added after synchronous calls, are seen as in plain Node: %s',
  async (file) => {
    const plain = await report<Logs>([file], LONG_HUNG_MS);
    const underAuto = await report<Logs>(['--import', 'aevent/auto', file], LONG_HUNG_MS);
    it.each(Object.keys({ ...plain, ...underAuto }))('%s', (name) => {
      expect(underAuto[name]).toEqual(plain[name]);
    });
  },
);

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

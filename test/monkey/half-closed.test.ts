// monkey/kit/streams-left.ts: what Node does to a stream by itself waits for suspended code.
import { describe, expect, it } from 'vitest';
import { report } from './fixture.js';

const file = 'half-closed.mjs';
const auto = ['--import', 'aevent/auto', file];
type Found = Record<string, unknown>;
const [plain, underAuto, sliced] = await Promise.all([
  report<Found>([file]),
  report<Found>(auto),
  report<Found>([...auto, 'compute'], undefined, { AEVENT_PREEMPT: '1' }),
]);

describe('a peer that has ended its side gets the answer of a listener that is suspended, as in plain Node', () => {
  it.each(Object.entries(plain))('%s', (name, answer) => {
    expect(underAuto[name]).toEqual(answer);
    expect(sliced[name]).toEqual(answer);
  });
});

// monkey/kit/stopped-streams.ts: a stream whose listener is suspended does not go on, so what it holds is as in plain Node.
import { describe, expect, it } from 'vitest';
import { LONG_HUNG_MS, report } from './fixture.js';

const file = 'read-after-a-call.mjs';
const plain = await report<Record<string, unknown>>([file], LONG_HUNG_MS);
const underAuto = await report<Record<string, unknown>>(['--import', 'aevent/auto', file], LONG_HUNG_MS);

describe('what is read after a synchronous call in a listener is what plain Node reads', () => {
  it.each(Object.entries(plain))('%s', (name, read) => {
    expect(underAuto[name]).toEqual(read);
  });
});

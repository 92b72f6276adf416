import { describe, expect, it } from 'vitest';
import { LONG_HUNG_MS, report } from './fixture.js';

type Logs = Record<string, Record<string, unknown>>;

const file = 'made-then-listened.mjs';
const plain = await report<Logs>([file], LONG_HUNG_MS);
const underAuto = await report<Logs>(['--import', 'aevent/auto', file], LONG_HUNG_MS);

describe('events that come before their listeners, which are added after synchronous calls, are seen as in plain Node', () => {
  it.each(Object.entries(plain))('%s', (name, log) => {
    expect(underAuto[name]).toEqual(log);
  });
});

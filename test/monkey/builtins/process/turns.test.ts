// monkey/builtins/process/turns.ts, error-events.ts and late-events.ts.
import { describe, expect, it } from 'vitest';
import { report } from '../../fixture.js';

const file = 'process-turns.mjs';
const [plain, underAuto] = await Promise.all([
  report<Record<string, unknown>>([file]),
  report<Record<string, unknown>>(['--import', 'aevent/auto', file]),
]);

describe('listeners of process that wait are called one after the other, as in plain Node', () => {
  it.each(Object.entries(plain))('%s', (name, outcome) => {
    expect(underAuto[name]).toEqual(outcome);
  });
});

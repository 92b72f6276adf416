// monkey/kit/port-delivery.ts and event-in-dispatch.ts.
import { describe, expect, it } from 'vitest';
import { report } from '../../fixture.js';

const file = 'ports-in-order.mjs';
const plain = await report<Record<string, unknown>>([file]);
const underAuto = await report<Record<string, unknown>>(['--import', 'aevent/auto', file]);

describe('listeners of ports that wait find what plain Node has for them', () => {
  it.each(Object.entries(plain))('%s', (name, log) => {
    expect(underAuto[name]).toEqual(log);
  });
});

import { describe, expect, it } from 'vitest';
import { LONG_HUNG_MS, report } from './fixture.js';

type Programs = Record<string, { program: unknown; seen: unknown }>;

/** AEVENT_SEED=… AEVENT_PROGRAMS=… for others. */
const { AEVENT_SEED: seed = '1', AEVENT_PROGRAMS: programs = '24' } = process.env;
const args = ['random-emitters.mjs', seed, programs];
const plain = await report<Programs>(args, LONG_HUNG_MS);
const underAuto = await report<Programs>(['--import', 'aevent/auto', ...args], LONG_HUNG_MS);

describe(`random programs that listen to their emitters later see what they see plainly (AEVENT_SEED=${seed})`, () => {
  it.each(Object.keys({ ...plain, ...underAuto }))('program %s', (number) => {
    expect(underAuto[number]).toEqual(plain[number]);
  });
});

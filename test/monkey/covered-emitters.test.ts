// While a handler is suspended its emitters' events wait (monkey/kit/emitter-cover.ts); of that nothing is left.
import { expect, it } from 'vitest';
import { facts } from './fixture.js';

const file = ['--allow-natives-syntax', '--import', 'aevent/auto', 'covered-emitters.mjs'];

it.each(await facts(file))('of emitters that a suspended handler was given or has made: %s', (_, holds) => {
  expect(holds).toBe(true);
});

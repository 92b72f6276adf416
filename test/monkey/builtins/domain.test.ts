import { expect, it } from 'vitest';
import { report } from '../fixture.js';

it('domains hear of errors that come before their listeners, in order, one after the other', async () => {
  const plain = await report<unknown>(['domain-listened.mjs']);
  expect(await report<unknown>(['--import', 'aevent/auto', 'domain-listened.mjs'])).toEqual(plain);
});

it('errors that no listener of a domain hears end the process', async () => {
  const ends = async (...args: string[]): Promise<unknown> =>
    report<unknown>([...args, 'domain-listened.mjs', 'unheard']).catch(({ code, stdout }) => ({
      code,
      stdout,
    }));
  const plain = await ends();
  expect(plain).toMatchObject({ code: 1 });
  expect(await ends('--import', 'aevent/auto')).toEqual(plain);
});

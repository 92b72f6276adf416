import { expect, it } from 'vitest';
import { json } from '../child.js';

// glibc asks every thread of the process; under `thread` each carrier is one. Only root may set an identity at all.
it.skipIf(process.getuid?.() !== 0)('the identity of the process can be set anywhere', async () => {
  expect(await json(['credentials.mjs'])).toEqual({
    done: [
      'task',
      'task, resumed',
      'after an await',
      'beside parked tasks',
      'then',
      'callback',
      'ERR_UNKNOWN_CREDENTIAL',
      'ERR_INVALID_ARG_TYPE',
    ],
    names: ['', 1],
  });
});

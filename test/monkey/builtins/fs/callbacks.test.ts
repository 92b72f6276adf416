import { expect, it } from 'vitest';
import { runScript } from './child.js';

it('callbacks registered in a task may suspend, and are otherwise what they are without aevent', async () => {
  expect((await runScript('callbacks.mjs')).output).toEqual({
    suspends: [null, 'contents'],
    exists: true,
    read: [4, 'cont'],
    realpath: true,
    refused: 'ERR_INVALID_ARG_TYPE',
    listeners: [1, true],
    removed: 0,
    polled: 1,
    unpolled: 0,
    classes: [true, true],
  });
});

import { createRequire } from 'node:module';
import { info } from 'aevent';
import { beforeAll, expect, it } from 'vitest';
import { addonFile, buildAddon } from '../../../integration/torture/addon/build.mjs';
import { paused, together } from '../../support/tools.js';

interface Addon {
  callInScopes(fn: () => unknown, depth: number): unknown;
  callbackScope(fn: () => unknown): unknown;
}
let addon: Addon;
beforeAll(async () => {
  await buildAddon();
  addon = createRequire(import.meta.url)(addonFile) as Addon;
});

it('tasks suspend inside handle scopes of an addon, and end in any order', async () => {
  const results = await together(6, (id) => addon.callInScopes(() => paused(id, 1 + ((id * 5) % 3)), id));
  expect(results).toEqual([0, 1, 2, 3, 4, 5]);
  expect(info().features.addonScopes).toBe('on');
});

it('they do inside its callback scopes', async () => {
  const results = await together(6, (id) => addon.callbackScope(() => paused(id, 1 + ((id * 5) % 3))));
  expect(results).toEqual([0, 1, 2, 3, 4, 5]);
});

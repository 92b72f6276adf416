import { createRequire } from 'node:module';
import { beforeAll, expect, it } from 'vitest';
import { addonFile, buildAddon } from '../../../integration/torture/addon/build.mjs';
import { paused, together } from '../../support/tools.js';

let addon: { count(): number };
beforeAll(async () => {
  await buildAddon();
  addon = createRequire(import.meta.url)(addonFile) as typeof addon;
});

// Classes of addons that are made with napi-rs 2 are found so: with other variables their constructors fail.
it.skipIf(process.env.AEVENT_BACKEND === 'thread')(
  'the thread-local variables of an addon are those of the thread, in each task and after each suspension',
  async () => {
    const before = addon.count();
    const counts = await together(5, (id) => [addon.count(), paused(id, 1 + (id % 3)), addon.count()]);
    expect(counts.map(([first]) => first)).toEqual([1, 2, 3, 4, 5].map((n) => before + n));
    expect(counts.map(([, , last]) => (last as number) - before).sort()).toEqual([10, 6, 7, 8, 9]);
  },
);

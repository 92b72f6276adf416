// Addons that keep something in thread-local variables, as those of napi-rs do: the same on both backends.
import { beforeAll, describe, expect, it } from 'vitest';
import { buildAddon } from '../../../integration/torture/addon/build.mjs';
import { json, node } from '../child.js';

let file: string;
beforeAll(async () => {
  file = await buildAddon('locals');
});

const isThread = process.env.AEVENT_BACKEND === 'thread';

describe('the thread-local variables of an addon', () => {
  it.each(['aevent/register', 'aevent/auto'])(
    'are those of the main thread in all that it does, also in tasks that were suspended: %s',
    async (way) => {
      expect(await json(['--import', way, 'addon-locals.mjs', file])).toEqual({
        counts: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        data: [1, 2, 3],
        made: 11,
        set: 7,
        isThing: true,
        identity: true,
        thrown: 'ADDON',
        passedOn: 'passed on',
        nested: 2,
        callbackBlocks: 'said\n',
        sameThread: true,
        whyNot: isThread ? expect.stringContaining('keeps something for each thread') : 'waited',
        outside: true,
      });
    },
  );

  it.runIf(isThread)('are warned of where it was loaded before aevent could see to them', async () => {
    const program = `process.dlopen({ exports: {} }, ${JSON.stringify(file)});
      import('aevent').then(({ call }) => call(() => {}));`;
    const { stderr } = await node(['-e', program], { AEVENT_WARN: '' });
    expect(stderr).toMatch(/\[AEVENT_ADDON_THREADS\] AeventWarning: The addon locals-/);
    expect(stderr.match(/AEVENT_ADDON_THREADS/g)).toHaveLength(1);
  });
});

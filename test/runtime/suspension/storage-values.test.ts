import { describe, expect, it } from 'vitest';
import { json } from '../child.js';

// Node 24 can still keep stores as Node 22 does.
const ways = process.allowedNodeEnvironmentFlags.has('--no-async-context-frame')
  ? [[], ['--no-async-context-frame']]
  : [[]];
const major = Number(process.versions.node.split('.')[0]);

describe.concurrent('AsyncLocalStorage in callbacks that suspend', () => {
  it.each(major === 24 ? ways : [[]])(
    'has, at each place of random programs, the value that it has in plain Node (%s)',
    async (...flags: string[]) => {
      expect(await json([...flags, '--import', 'aevent/register', 'storage-values.mjs'])).toEqual({
        wrong: [],
        count: 0,
        many: true,
        after: ['undefined', 'undefined', 'undefined'],
        scopes: [
          ['resource 0', 'undefined', 'undefined'],
          ['undefined', 'resource 1', 'undefined'],
          ['resource 2', 'undefined', 'undefined'],
        ],
      });
    },
  );

  it.each(major === 24 ? ways : [[]])(
    'holds in a listener of a server that is entered inside of run(), enterWith() or a channel (%s)',
    async (...flags: string[]) => {
      const right = ['store', 'store', 'store', 'store'];
      expect(await json([...flags, '--import', 'aevent/auto', 'storage-around-emit.mjs'])).toEqual({
        run: [right, right],
        enterWith: [right, right],
        scope: [right, right],
        channel: [right, right],
        nested: [right, right],
        around: { run: true, enterWith: true, scope: true, channel: true, nested: true },
      });
    },
  );

  it.each(ways)(
    'holds, as the resource does, after the parser of the message has been freed (%s)',
    async (...flags: string[]) => {
      const name = 'client that keeps its connection';
      expect(await json([...flags, '--import', 'aevent/auto', 'storage-of-a-parser.mjs'])).toEqual({
        client: ['client', 'client', true],
        [name]: [name, name, true],
        server: ['gone', 'gone', true],
      });
    },
  );
});

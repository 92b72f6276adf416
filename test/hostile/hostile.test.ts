// Programs that take away what aevent could lean on: they freeze the intrinsics, forbid warnings, put their own functions
// around the end of the process.
import { describe, expect, it } from 'vitest';
import { node, printed } from './child.js';

describe.concurrent('where the intrinsics are frozen', () => {
  const ways: [string, string[]][] = [
    ['before aevent is loaded', ['--frozen-intrinsics', 'frozen.mjs']],
    ['before aevent/register is', ['--frozen-intrinsics', '--import', 'aevent/register', 'frozen.mjs']],
    ['by the program, before its first task', ['--import', 'aevent/register', 'frozen.mjs', 'here']],
  ];
  it.each(ways)('%s, tasks suspend wherever that is safe', async (_, args) => {
    const facts = await printed<Record<string, boolean>>(args);
    // Without the flag that loads aevent's modules, children are Node's own.
    const natively = args.includes('aevent/register') ? [] : ['the event loop goes on meanwhile'];
    const untrue = Object.keys(facts).filter((fact) => !facts[fact]);
    expect(untrue).toEqual(natively);
  });
});

describe.concurrent('under --no-deprecation', () => {
  it.each([
    ['--import', 'aevent/register'],
    ['--import', 'aevent/auto'],
    ['--throw-deprecation', '--import', 'aevent/register'],
    ['--pending-deprecation', '--import', 'aevent/register'],
  ])('a child process does not block the event loop: %s %s %s', async (...flags) => {
    const args = flags.filter(Boolean);
    expect(await printed(['--no-deprecation', ...args, 'no-deprecation.mjs'])).toEqual({
      first: 'hi',
      heartbeats: true,
    });
  });
});

const errorIn = (stderr: string): string | undefined => /^\w*Error: .*/m.exec(stderr)?.[0];

describe.concurrent('while the process is exiting', () => {
  const ends = ['exit code', 'task', 'timer', 'error'];
  const wheres = ['emit', 'reallyExit'];
  it.each(wheres.flatMap((where) => ends.map((end) => [where, end] as const)))(
    'calls below a replaced process.%s do what they do in Node, where it ends by: %s',
    async (where, end) => {
      const args = ['exiting.mjs', where, end];
      const ways = ['aevent/register', 'aevent/auto'];
      const [plainly, ...ended] = await Promise.all([
        node(['--import', 'aevent/register', ...args], { AEVENT_BACKEND: 'native' }),
        ...ways.map((way) => node(['--import', way, ...args])),
      ]);
      expect(plainly.code).toBe(end === 'error' ? 1 : 3);
      expect(plainly.stdout).not.toContain('false');
      for (const [at, { stdout, stderr, code }] of ended.entries()) {
        const way = ways[at];
        expect({ way, stdout, code }).toEqual({ way, stdout: plainly.stdout, code: plainly.code });
        expect(errorIn(stderr)).toBe(errorIn(plainly.stderr));
      }
    },
  );
});

describe.concurrent('where process.nextTick is a function of the program', () => {
  it.each([
    ['fake', []],
    ['wrapper', ['tick of the program']],
  ])('a task waits for what Node does in ticks, and the program sees its own: %s', async (kind, order) => {
    const facts = await printed(['--import', 'aevent/register', 'ticks.mjs', kind]);
    const all = { connected: true, seen: true, nodesTicksReachIt: true, isPutBack: true };
    expect(facts).toEqual({ ...all, order, canBeUndoneMeanwhile: true });
  });

  it.each(['aevent/register', 'aevent/auto'])(
    'what Node had asked it for before comes once a task waits, and once only: %s',
    async (way) => {
      const facts = await printed<Record<string, unknown>>(['--import', way, 'ticks-before.mjs']);
      const once = { seen: true, opened: 1, line: 'hi', code: 0, early: 0, ofProgram: 1 };
      expect(facts).toEqual({ ...once, isNodes: true });
    },
  );
});

describe.concurrent('where Object.prototype has properties of the program', () => {
  it.each(['get', 'set', 'value', 'writable'])(
    'named as those of a descriptor (%s), all goes on',
    async (name) => {
      const plainly = await node(['polluted.mjs', name]);
      expect(plainly.code).toBe(0);
      for (const way of ['aevent/register', 'aevent/auto']) {
        expect(await node(['--import', way, 'polluted.mjs', name])).toEqual(plainly);
      }
    },
  );

  it.each([
    ['get', 'function'],
    ['set', 'function'],
    ['enumerable,configurable,apply,has,ownKeys,getOwnPropertyDescriptor', 'function'],
    ['get,set,signal,timeout,encoding,cwd,env,highWaterMark,then', 'undefined'],
  ])('before it requires anything, it runs as plainly, and they stay: %s, %s', async (names, kind) => {
    const plainly = await node(['polluted-first.cjs', names, kind]);
    expect(plainly.code).toBe(0);
    for (const way of ['aevent/register', 'aevent/auto']) {
      expect(await node(['--import', way, 'polluted-first.cjs', names, kind])).toEqual(plainly);
    }
  });
});

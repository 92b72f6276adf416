import { describe, expect, it } from 'vitest';
import { node } from '../child.js';

const dump =
  /^aevent: the event loop has nothing left to do, but (\d+) suspended call\(s\) still wait and nobody can wake them:\n/m;

describe('a program that ends with parked tasks that nobody can wake', () => {
  it('says so, with what each waits for and its stack, and exits with 13', async () => {
    const { stdout, stderr, code } = await node(['end.mjs', 'deadlock']);
    expect(stdout).toBe('');
    expect(code).toBe(13);
    expect(dump.exec(stderr)?.[1]).toBe('2');
    expect(stderr).toMatch(
      /forgotten#\d+: waits in await_ \([^)]+\)\n[\s\S]* at never \(.*end\.mjs:\d+:\d+\)/,
    );
    expect(stderr).toMatch(/at inner .*\n.*at forgotten .*end\.mjs/);
  });

  it.each(['deadlock-with-top-level-await', 'deadlock-with-exit-code'])(
    'exits with 13 (%s)',
    async (program) => {
      const { stderr, code } = await node(['end.mjs', program]);
      expect(code).toBe(13);
      expect(stderr).toMatch(dump);
    },
  );

  it('is let go on while somebody finds something to do in beforeExit', async () => {
    const { stdout, stderr, code } = await node(['end.mjs', 'deadlock-later']);
    expect([stdout, code]).toEqual(['once more\n', 13]);
    expect(stderr.match(new RegExp(dump, 'gm'))).toHaveLength(1);
  });
});

describe('nothing is said', () => {
  it.each([
    ['where process.exit() ends the program', 'exit-beside-parked-tasks', 7, ''],
    ['where no task is parked', 'no-deadlock', 0, 'done\n'],
    ['where beforeExit wakes the task', 'deadlock-broken-off', 0, 'woken with 0\n'],
  ])('%s', async (_, program, code, stdout) => {
    expect(await node(['end.mjs', program])).toEqual({ stdout, stderr: '', code, signal: null });
  });
});

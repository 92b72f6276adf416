import { describe, expect, it } from 'vitest';
import { node } from '../child.js';

describe('process.exit in a task', () => {
  it.each([
    'exit',
    'exit-in-main',
    'exit-below-a-builtin',
    'exit-in-a-callback',
    'exit-beside-parked-tasks',
    'exit-code',
  ])('ends the process with that code (%s)', async (program) => {
    expect(await node(['end.mjs', program])).toEqual({ stdout: '', stderr: '', code: 7, signal: null });
  });

  it('runs the exit handlers, and nothing after them', async () => {
    const { stdout, code } = await node(['end.mjs', 'exit-handler']);
    expect([stdout, code]).toEqual(['exit 7\n', 7]);
  });
});

describe('a task that recurs for ever', () => {
  it('rejects with a RangeError, as often as one likes', async () => {
    const overflow = 'true Maximum call stack size exceeded\n';
    expect(await node(['end.mjs', 'recursion'])).toEqual({
      stdout: `${overflow.repeat(3)}alive\n`,
      stderr: '',
      code: 0,
      signal: null,
    });
  });

  it('may suspend with hardly any stack left, or gets a RangeError for it', async () => {
    const { stdout, stderr, code } = await node(['end.mjs', 'suspensions-in-overflow']);
    expect([stdout, code], stderr).toEqual(['true 0\n', 0]);
  });

  it('finds more stack with --stack-size', async () => {
    const source = `
      import aevent from 'aevent';
      const depth = () => { try { return 1 + depth(); } catch { return 0; } };
      await aevent.call(depth);
      console.log(JSON.stringify(await aevent.call(depth)));`;
    const depthWith = async (...flags: string[]) =>
      Number((await node([...flags, '--input-type=module', '-e', source])).stdout);
    const plain = await depthWith();
    expect(plain).toBeGreaterThan(1000);
    expect(await depthWith('--stack-size=4000')).toBeGreaterThan(2 * plain);
  });
});

describe('an error that nobody catches', () => {
  it.each(['uncaught', 'uncaught-in-a-microtask'])('ends the process as always (%s)', async (program) => {
    const { stderr, code } = await node(['end.mjs', program]);
    expect(stderr).toMatch(/TypeError: Cannot read properties of null[\s\S]*end\.mjs/);
    expect(code).toBe(1);
  });

  it('is an unhandled rejection where nobody looks at the promise of the task', async () => {
    const { stderr, code } = await node(['end.mjs', 'unhandled']);
    expect(stderr).toMatch(/Error: nobody handles it[\s\S]*end\.mjs/);
    expect(code).toBe(1);
  });
});

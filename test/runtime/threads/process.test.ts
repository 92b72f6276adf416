// `process` of a module in a thread is the program's.
import { describe, expect, it } from 'vitest';
import { type Ended, node } from '../child.js';

const run = async (...args: string[]): Promise<Ended> => {
  const ended = await node(['thread-process.mjs', ...args]);
  return { ...ended, stderr: ended.stderr.replaceAll(/\(node:\d+\)/g, '') };
};

describe.concurrent.each(['thread', 'task'])('as without a thread, called in a %s, a module', (where) => {
  it.each([
    ['sets what a process has, writes in the order of its calls, warns, and hears of the end', 'settings', 3],
    ['ends the process after its own listeners', 'exit', 9],
    ["is used by the program's listeners when it ends the process", 'usedAtExit', 4],
    ['ends the process of its own accord', 'later', 7],
  ])('%s', async (_, program, code) => {
    const plainly = await run('plainly', program);
    expect(plainly.code).toBe(code);
    expect(await run(where, program)).toEqual(plainly);
  });
});

it("calls the program's process.exit(), where that is another one", async () => {
  expect(await run('thread', 'mocked')).toMatchObject({ code: 0 });
  expect((await run('thread', 'mocked')).stdout).toContain('exit 9 was asked for');
});

import { describe, expect, it } from 'vitest';
import { setup } from '../../../dist/runtime/index.js';
import { register } from '../../../dist/runtime/modules/atexit.js';
import { thrownBy } from '../../support/tools.js';
import { type Ended, node } from '../child.js';

const oops = /^aevent: error in the atexit handler bad, the others go on:\nError: oops\n/;
const all = ['last registered', 'first registered: 1,2', 'late '];

async function run(program: string): Promise<Ended & { lines: string[] }> {
  const ended = await node(['exit.mjs', program]);
  return { ...ended, lines: ended.stdout.trimEnd().split('\n') };
}

describe.concurrent('handlers run in reverse order, suspend, and survive an error of one of them', () => {
  it.each([
    ['when the event loop has ended', 'natural', 0],
    ['when the top level calls process.exit()', 'exit-at-top-level', 7],
    ['when a task calls process.exit(), which never goes on', 'exit-in-a-task', 7],
    ['when a plain timer calls process.exit()', 'exit-in-a-timer', 7],
    ['when process.exit() is called in a cancelled scope', 'exit-in-a-cancelled-scope', 7],
    ['when process.exit() is called in native()', 'exit-in-native', 7],
    ['when process.exit() is called below JSON.stringify()', 'exit-in-stringify', 7],
  ])('%s', async (_, program, code) => {
    const ended = await run(program);
    expect(ended.lines).toEqual([...all, `plain ${code}`]);
    expect(ended.stderr).toMatch(oops);
    expect(ended.code).toBe(code);
  });

  it.each([
    ['an uncaught exception', 'throw', 'uncaught'],
    ['an unhandled rejection', 'reject', 'rejected'],
  ])('after %s, which Node then reports as ever', async (_, program, message) => {
    const { lines, stderr, code } = await run(program);
    expect(lines).toEqual([...all, 'plain 1']);
    expect(stderr).toMatch(oops);
    expect(stderr).toMatch(new RegExp(`exit\\.mjs:\\d+\\n.*\\n +\\^\\n\\nError: ${message}\\n`));
    expect(code).toBe(1);
  });

  it('in a Worker', async () => {
    const { lines, code } = await run('worker');
    expect(lines.filter((line) => !line.startsWith('plain'))).toEqual([...all, 'worker 7']);
    expect(code).toBe(0);
  });
});

describe.concurrent('in a handler', () => {
  it('process.exitCode is what the process ends with', async () => {
    const { lines, code } = await run('exit-code');
    expect([lines, code]).toEqual([[...all, 'plain 0'], 9]);
  });

  it('process.exit() ends the process at once, as in Node', async () => {
    expect(await run('exit-again')).toMatchObject({ stdout: '', stderr: '', code: 9 });
  });

  it('an uncaught exception ends the process, with the code that it was ending with, as in Node', async () => {
    const { stdout, stderr, code } = await run('throw-in-exit');
    expect([stdout, code]).toEqual(['', 3]);
    expect(stderr).toMatch(/\n\nTypeError: /);
  });
});

it('of two tasks that call process.exit() the first one ends the process, when the handlers have ended', async () => {
  const { lines, code } = await run('exit-twice');
  expect([lines, code]).toEqual([[...all, 'plain 5'], 5]);
});

describe.concurrent('a handler that does not end is interrupted, and named', () => {
  it.each([
    ['at the end', 'dry', 0],
    ['in process.exit()', 'dry-in-a-task', 4],
  ])('%s, if nothing is left that could wake it; the others run', async (_, program, code) => {
    const ended = await run(program);
    expect(ended.stderr).toMatch(
      /^aevent: the exit handler stuck is suspended, but the event loop has nothing left to do; its waits are cancelled:\n.* waits in await_ \([^)]+\)\n[\s\S]* at never .*exit\.mjs/,
    );
    expect([ended.lines, ended.code]).toEqual([['cleanup', ...all, `plain ${code}`], code]);
  });

  it.each(['limit', 'limit-in-a-task'])('when its time is over (%s)', async (program) => {
    const { lines, stderr, code } = await run(program);
    expect(stderr).toMatch(
      /^aevent: the exit handler slow is suspended, longer than 20 ms \(setup\(\{ exitTimeoutMs \}\)\); its waits are cancelled:\n/,
    );
    expect(lines[0]).toBe('cleanup');
    expect(lines.at(-1)).toBe('plain 4');
    expect(code).toBe(4);
  });

  it('and left behind if it waits all the same', async () => {
    const { stdout, stderr, code } = await run('shielded');
    expect([stdout, code]).toEqual(['', 4]);
    expect(stderr).toMatch(/^aevent: the exit handler slow is suspended/);
  });
});

it('what makes no sense is refused', () => {
  expect(thrownBy(() => register('x' as never))).toMatchObject({ code: 'AEVENT_INVALID_ARGUMENT' });
  for (const exitTimeoutMs of [-1, Number.NaN, '1']) {
    expect(thrownBy(() => setup({ exitTimeoutMs: exitTimeoutMs as number }))).toMatchObject({
      code: 'AEVENT_INVALID_OPTIONS',
    });
  }
});

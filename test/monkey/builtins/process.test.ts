import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fixture } from '../fixture.js';

const script = fileURLToPath(new URL('../fixtures/process.mjs', import.meta.url));

const run = (program: string, ...flags: string[]): Promise<unknown[]> => runFile([...flags, script, program]);

async function runFile(args: string[]): Promise<unknown[]> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, args, {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 55_000, // one that hangs
    killSignal: 'SIGKILL',
  });
  const [output, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return [output.trimEnd().split('\n'), code, signal];
}

it('process.chdir looks as without aevent', async () => {
  const program = ['-p', '[process.chdir.name, process.chdir.length].join()'];
  const plainly = await runFile(program);
  for (const way of ['register', 'auto'])
    expect(await runFile(['--import', `aevent/${way}`, ...program])).toEqual(plainly);
});

describe.concurrent('listeners on process that do not suspend', () => {
  it.each(['plain', 'plain-exit'])(
    'are called as without aevent, in order and with the same codes (%s)',
    async (program) => {
      const natively = await run(program);
      expect((natively[0] as string[]).length).toBeGreaterThan(0);
      expect(await run(program, '--import', 'aevent/register')).toEqual(natively);
      expect(await run(program, '--import', 'aevent/auto')).toEqual(natively);
    },
  );
});

it('listeners suspend in tasks: of signals, errors, beforeExit, and of exit before the process ends', async () => {
  expect(await run('suspending', '--import', 'aevent/auto')).toEqual([
    ['beforeExit', 'rejected true', 'SIGTERM true', 'exit 3 true', 'then true'],
    6,
    null,
  ]);
});

it.each(['execSync', 'sleepSync', 'Atomics.wait'])(
  'a listener of beforeExit that suspends each time in %s is called as often as natively',
  async (wait) => {
    const { stdout } = await fixture(['--import', 'aevent/auto', 'before-exit.mjs', wait]);
    expect(stdout).toBe('1 suspended\nmore\n2 suspended\nmore\n3 suspended\n');
  },
);

it.each([
  'microtasks',
  'a tick that microtasks ask for',
  'a part that leaves a timer',
  'a listener that leaves an immediate',
  'a part that leaves an immediate',
  'a part beside a timer that holds nothing',
  'a part that throws',
  'a part that ends the process',
])('beforeExit comes as often as natively where %s of its listener blocks', async (way) => {
  const program = fileURLToPath(new URL('../fixtures/before-exit-ticks.mjs', import.meta.url));
  const natively = await runFile([program, way]);
  expect(natively[0]).toContain('next listener');
  expect(await runFile(['--import', 'aevent/auto', program, way])).toEqual(natively);
  expect(await runFile(['--import', 'aevent/auto', program, way, 'hooks'])).toEqual(natively);
});

it('what a Worker writes in a listener of exit is not lost', async () => {
  expect(await fixture(['--import', 'aevent/auto', 'worker-exit.mjs'])).toEqual({
    stdout: 'abc',
    stderr: '',
  });
});

it('process.chdir has its name, also where hooks have a thread', () => {
  const nameWith = (...args: string[]): string =>
    execFileSync(process.execPath, [...args, '-p', 'process.chdir.name'], { encoding: 'utf8' });
  expect(nameWith('--import', 'aevent/register')).toBe(nameWith());
});

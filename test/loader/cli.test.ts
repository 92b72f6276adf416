import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { fixtures, node } from './child.js';

const cli = '../../../dist/loader/cli.js';

describe.concurrent('the command aevent', () => {
  it('says how it is used where nothing is given', async () => {
    const { stderr, code } = await node([cli]);
    expect(stderr).toMatch(/^Usage: aevent \[node options\] app\.mjs \[args\]\n/);
    expect(code).toBe(2);
  });

  it.each(['--help', '-h'])('says how it is used where it is asked: %s', async (option) => {
    const { stdout, stderr, code } = await node([cli, option]);
    expect(stdout).toMatch(/^Usage: aevent \[node options\] app\.mjs \[args\]\n/);
    expect([stderr, code]).toEqual(['', 0]);
  });

  it.each(['--version', '-v'])('says which version of aevent it is: %s', async (option) => {
    const { stdout, stderr, code } = await node([cli, option]);
    expect([stdout, stderr, code]).toEqual([`${packageJson.version}\n`, '', 0]);
  });

  it('gives the program its arguments, stdin, stdout, stderr and the environment', async () => {
    const { stdout, stderr, code } = await node(
      [cli, 'arguments.cjs', 'a', '--b', 'c d'],
      { WORD: 'w' },
      'input',
    );
    expect(JSON.parse(stdout)).toEqual({ args: ['a', '--b', 'c d'], word: 'w', stdin: 'input' });
    expect(stderr).toBe('to stderr\n');
    expect(code).toBe(0);
  });

  it('passes options for node that stand before the file, its own included', async () => {
    const { stdout } = await node([
      '--stack-trace-limit=7',
      cli,
      '--max-old-space-size=99',
      '-p',
      'process.execArgv',
    ]);
    expect(stdout).toContain("'--stack-trace-limit=7'");
    expect(stdout).toContain("'--max-old-space-size=99'");
  });

  it('leaves it to Node to report a missing file', async () => {
    const { stderr, code } = await node([cli, 'no-such-file.mjs']);
    expect(stderr).toMatch(/Cannot find module '.*no-such-file\.mjs'/);
    expect(code).toBe(1);
  });

  it('ends with the exit code of the program', async () => {
    expect((await node([cli, '-e', 'process.exitCode = 42'])).code).toBe(42);
  });

  it('ends by the signal by which the program ended', async () => {
    const { code, signal } = await node([cli, '-e', 'process.kill(process.pid, "SIGKILL")']);
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('hands signals on to the program', async () => {
    const program = `process.on('SIGTERM', () => process.exit(7)); setTimeout(() => {}, 60_000); console.log('ready')`;
    const child = spawn(process.execPath, [cli, '-e', program], {
      cwd: fixtures,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([7, null]);
  });
});

import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runScript, runWithInput } from './child.js';

async function run(scenario: string): Promise<unknown> {
  return (await runScript('blocking.mjs', [scenario])).output;
}

const after = (beats: number): string =>
  `while [ -d "$PULSE" -a ! -e "$PULSE/${beats}" ]; do sleep 0.01; done`;
const SLOWLY = `${after(6)}; echo a; ${after(12)}; echo b`;

describe.skipIf(process.platform === 'win32')('pipes, terminals and FIFOs', () => {
  it('six tasks wait for pipes while the four threads of the pool work', async () => {
    expect(await run('pool')).toEqual({
      good: true,
      order: ['pool', 'read', 'read', 'read', 'read', 'read', 'read'],
    });
  });

  it('six tasks wait for FIFOs to be opened while the pool works', async () => {
    expect(await run('open')).toEqual({ good: true, order: ['pool', 'read'] });
  });

  it('a writer waits for its reader, then for room, and the heart beats', async () => {
    expect(await run('writer')).toEqual({ result: '300002', counts: [300000, 2], beating: true });
  });

  it('two tasks that open two FIFOs in the order of a handshake reach each other', async () => {
    expect(await run('handshake')).toBe('echo hello');
  });

  it('the bytes of two large writes to one pipe do not mix', async () => {
    expect(await run('atomic')).toEqual({ counts: [200000, 200000], runs: 'ab' });
  });

  it('what a pipe brings goes to its readers one by one, first come first served', async () => {
    expect(await run('readers')).toEqual(['1a', '2b', '3c']);
  });

  it('errors are those of a native call, EAGAIN of what was opened non-blocking among them', async () => {
    const { same, broken } = (await run('errors')) as { same: boolean; broken: unknown[] };
    expect(same).toBe(true);
    expect(broken.slice(0, 2)).toEqual(['EPIPE', 'write']);
  });

  it('a cancelled wait holds no descriptor and no thread', async () => {
    expect(await run('cancel')).toEqual({ ended: Array(7).fill('Cancelled'), leaked: 0 });
  });

  it('a cancelled task closes what it has open', async () => {
    expect(await run('close')).toEqual({ ended: ['turned', 'closed'], leaked: 0 });
  });

  it('a process can exit while a task waits for a FIFO to be opened', async () => {
    expect(await runScript('blocking.mjs', ['exit'])).toEqual({ output: 'leaving', code: 3 });
  });

  it.each(['pipe', 'socket'] as const)('readFileSync(0) waits for standard input, a %s', async (how) => {
    expect(await runWithInput('stdin', SLOWLY, how)).toEqual({ text: 'a\nb\n', beating: true });
  });

  it('readFileSync waits for /dev/stdin, a pipe', async () => {
    expect(await runWithInput('dev-stdin', SLOWLY, 'pipe')).toEqual({ text: 'a\nb\n', beating: true });
  });

  it.skipIf(!existsSync('/usr/bin/script'))('readSync(0) waits for the lines of a terminal', async () => {
    expect(await runWithInput('stdin-lines', `${SLOWLY}; printf '\\004'`, 'tty')).toBe('a\nb\n');
  });

  it('readSync(0) reads a file to its end', async () => {
    expect(await runWithInput('stdin-lines', '', 'file')).toContain('Runs a scenario of blocking.mjs');
  });
});

it('the loop turns while trees are copied, listed, searched and removed', async () => {
  expect(await run('trees')).toEqual({ cp: true, readdir: true, glob: true, rm: true });
});

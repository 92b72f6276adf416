import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

function soak(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['integration/soak/run.mjs', ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, message: stderr.split('\n')[0], usage: stderr.includes('usage: npm run soak') };
}

describe('npm run soak', () => {
  it.each([
    [['--seconds', '0'], "--seconds takes a positive number, not '0'"],
    [['--seconds=-5'], "--seconds takes a positive number, not '-5'"],
    [['--seconds', 'Infinity'], "--seconds takes a positive number, not 'Infinity'"],
    [['--node', '21'], "unknown Node '21'. Valid are: 20, 22, 24, 26"],
    [['--backend', 'fast'], "unknown backend 'fast'. Valid are: fiber, thread"],
    [['--minutes', '1'], "Unknown option '--minutes'"],
    [['20'], "Unexpected argument '20'. This command does not take positional arguments"],
  ])('%j is a usage error', (args, message) => {
    const result = soak(...args);
    expect(result).toMatchObject({ status: 2, stdout: '', usage: true });
    expect(result.message).toContain(message);
  });
});

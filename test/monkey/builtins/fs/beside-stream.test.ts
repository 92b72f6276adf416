// Descriptors that a stream of Node's has, too.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { facts } from '../../fixture.js';

const { NODE_OPTIONS: _, ...env } = process.env;
const auto = ['--import', 'aevent/auto'];
const path = (fixture: string): string =>
  fileURLToPath(new URL(`../../fixtures/${fixture}`, import.meta.url));

// Each Node runs other random programs.
const [seed] = process.versions.node.split('.');
const reads =
  process.platform === 'win32' ? [] : await facts([...auto, path('beside-stream.mjs'), seed ?? '1']);

describe.skipIf(process.platform === 'win32')('beside a stream', () => {
  it.each(reads)('%s', (_, holds) => {
    expect(holds).toBe(true);
  });

  it.each(['socket', 'pipe', 'tty'])('fs.readSync(0) has what comes to a %s from then on', async (how) => {
    if (how === 'tty' && !existsSync('/usr/bin/script')) return;
    const node = `"${process.execPath}" ${auto.join(' ')} "${path('beside-stdin.mjs')}"`;
    const shell = { socket: `exec ${node}`, pipe: `cat | ${node}`, tty: `script -qec '${node}' /dev/null` };
    const child = spawn('sh', ['-c', shell[how as keyof typeof shell]], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = ['one\n', 'two\n', 'three\n', 'four\n', 'five\n'];
    let output = '';
    for await (const chunk of child.stdout) {
      output += chunk;
      const asked = String(chunk).split('more').length - 1;
      for (let i = 0; i < asked; i++) child.stdin.write(lines.shift() ?? '');
      if (output.includes('}')) child.stdin.end();
    }
    expect(JSON.parse(/\{.*\}/.exec(output)?.[0] ?? '')).toEqual({
      heard: ['one', 'five'],
      read: ['two', 'three', 'four'],
    });
  });

  it('bytes that a stream has queued, and a write that waits for room, do not mix with others', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'aevent-beside-'));
    const go = join(directory, 'go');
    const node = `"${process.execPath}" ${auto.join(' ')} "${path('beside-stdout.mjs')}" "${go}"`;
    const reader = `while [ ! -e "${go}" ]; do sleep 0.01; done; tr -s c-`;
    const child = spawn('sh', ['-c', `${node} | (${reader})`], { env });
    const [printed, told] = await Promise.all([text(child.stdout), text(child.stderr)]);
    rmSync(directory, { recursive: true });
    expect(printed.trimEnd()).toBe('c-');
    expect(JSON.parse(told)).toEqual({ squeezed: 'aba' });
  });
});

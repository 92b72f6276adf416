import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** Where temporary files are made: in memory, if the machine has such a place. */
export const temporary: NodeJS.ProcessEnv = process.platform === 'linux' ? { TMPDIR: '/dev/shm' } : {};

/** Runs a script of this folder under `aevent/register` and gives what it printed as JSON, and its exit code. */
export function runScript(name: string, args: string[] = []): Promise<{ output: unknown; code: number }> {
  const script = fileURLToPath(new URL(name, import.meta.url));
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...temporary }, maxBuffer: 2 ** 26 };
    execFile(
      process.execPath,
      ['--import', 'aevent/register', script, ...args],
      options,
      (error, stdout, stderr) => {
        try {
          resolve({ output: JSON.parse(stdout), code: typeof error?.code === 'number' ? error.code : 0 });
        } catch {
          reject(new Error(`${name} ${args.join(' ')} ended with ${error?.message}\n${stdout}\n${stderr}`));
        }
      },
    );
  });
}

/**
 * Runs a scenario of blocking.mjs with standard input from a shell command, by way of `how`. When its heart has beaten
 * 6, 12, … times, there is a file of that name in the directory PULSE.
 */
export async function runWithInput(
  scenario: string,
  input: string,
  how: 'pipe' | 'socket' | 'tty' | 'file',
): Promise<unknown> {
  const script = fileURLToPath(new URL('blocking.mjs', import.meta.url));
  const node = `"${process.execPath}" --import aevent/register "${script}" ${scenario}`;
  const PULSE = mkdtempSync(join(tmpdir(), 'aevent-pulse-'));
  try {
    return await fed(node, input, how, { ...process.env, ...temporary, PULSE });
  } finally {
    rmSync(PULSE, { recursive: true });
  }
}

async function fed(
  node: string,
  input: string,
  how: 'pipe' | 'socket' | 'tty' | 'file',
  env: NodeJS.ProcessEnv,
): Promise<unknown> {
  if (how === 'socket') {
    // What Node gives a child as standard input is a socket.
    const source = spawn('sh', ['-c', input], { env });
    const child = spawn('sh', ['-c', `exec ${node}`], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    source.stdout.pipe(child.stdin);
    return JSON.parse(await text(child.stdout));
  }
  const commands = {
    pipe: `(${input}) | ${node}`,
    file: `${node} < ${fileURLToPath(import.meta.url)}`,
    tty: `(${input}) | script -qec '${node.replaceAll("'", `'\\''`)}' /dev/null`,
  };
  const child = spawn('sh', ['-c', commands[how]], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = (await text(child.stdout)).trim().split(/\r?\n/);
  return JSON.parse(lines.at(-1) ?? '');
}

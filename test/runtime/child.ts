import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a child process ended, and what it wrote. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));
const HUNG_MS = 50_000;

/** Runs this Node in the directory of the fixtures; one that hangs is killed. */
export function node(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  hungMs: number = HUNG_MS,
): Promise<Ended> {
  return run(process.execPath, args, env, hungMs);
}

/** Runs a command in the directory of the fixtures; one that hangs is killed. */
export function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  hungMs: number = HUNG_MS,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const child = spawn(command, args, {
      cwd: fixtures,
      // These tests are about the runtime: where nothing is replaced, that is meant.
      env: { ...inherited, AEVENT_WARN: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: hungMs,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject).on('close', (code, signal) => resolve({ stdout, stderr, code, signal }));
  });
}

/** Runs a fixture that prints one JSON value and nothing on stderr; gives that value. */
export async function json<T>(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<T> {
  const { stdout, stderr, code, signal } = await node(args, env);
  if (code !== 0 || stderr !== '') {
    throw new Error(`node ${args.join(' ')} ended with ${signal ?? code}\n${stdout}${stderr}`);
  }
  return JSON.parse(stdout) as T;
}

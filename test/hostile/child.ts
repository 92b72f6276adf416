import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a child process ended, and what it wrote. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));

/** Runs this Node in the directory of the fixtures. */
export function node(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const options = {
      cwd: fixtures,
      env: { ...inherited, ...env },
      timeout: 50_000,
      killSignal: 'SIGKILL',
    } as const;
    const child = spawn(process.execPath, args, options);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject).on('close', (code) => resolve({ stdout, stderr, code }));
  });
}

/** Runs a fixture that prints one JSON value. */
export async function printed<T>(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<T> {
  const { stdout, stderr, code } = await node(args, env);
  if (code !== 0) throw new Error(`exit code ${code}\n${stdout}${stderr}`);
  return JSON.parse(stdout) as T;
}

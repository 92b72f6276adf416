import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a child process ended, and what it wrote. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Where the fixtures are. Children run there, so `aevent` resolves to this package, as it would to an installed one. */
export const fixtures: string = fileURLToPath(new URL('./fixtures/', import.meta.url));

/** Whether this Node strips types from TypeScript without a flag. */
export const stripsTypes: boolean = process.features.typescript === 'strip';

/** Runs `process.execPath` with these arguments in the directory of the fixtures. */
export function node(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input = '',
  cwd = fixtures,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const child = spawn(process.execPath, args, { cwd, env: { ...inherited, ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject).on('close', (code, signal) => resolve({ stdout, stderr, code, signal }));
    // One that ends at once does not read it.
    child.stdin.on('error', () => {}).end(input);
  });
}

/** Runs a fixture that prints one JSON value, and gives that; any word on stderr but Node's about `--loader` is an error. */
export async function json(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input = '',
): Promise<unknown> {
  const { stdout, stderr, code, signal } = await node(args, env, input);
  const warnings = stderr.replace(
    /^\(node:\d+\) ExperimentalWarning: `--experimental-loader`.*\n.*\n.*\n/,
    '',
  );
  const complaint = warnings.replace(/^\(Use `node --trace-warnings .*\n/m, '');
  if (code !== 0 || complaint !== '') {
    throw new Error(`node ${args.join(' ')} ended with ${signal ?? code}\n${stdout}${stderr}`);
  }
  return JSON.parse(stdout);
}

/** The forms that a fixture reports not to be aevent's. */
export async function natives(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input = '',
): Promise<string[]> {
  const forms = (await json(args, env, input)) as Record<string, string>;
  return Object.keys(forms).filter((form) => forms[form] !== 'ours');
}

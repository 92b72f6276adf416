import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));

const HUNG_MS = 55_000;
/** For those that take half a minute on a busy machine: just below what the matrix takes for a hang. */
export const LONG_HUNG_MS = 170_000;

/** Runs a fixture in a process of its own, with this Node; gives the output, or rejects with Node's error. */
export async function fixture(
  args: readonly string[],
  hungMs: number = HUNG_MS,
  variables: NodeJS.ProcessEnv = {},
): Promise<{ stdout: string; stderr: string }> {
  const { NODE_OPTIONS: _, ...env } = { ...process.env, ...variables };
  // Some fixtures take one module of aevent's only: that nothing else is replaced is meant.
  const options = { cwd: fixtures, env: { ...env, AEVENT_WARN: '0' }, maxBuffer: 2 ** 26, timeout: hungMs };
  return run(process.execPath, args, options);
}

/** Runs a fixture whose last line is JSON. */
export async function report<T>(
  args: readonly string[],
  hungMs?: number,
  variables?: NodeJS.ProcessEnv,
): Promise<T> {
  const { stdout } = await fixture(args, hungMs, variables);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as T;
}

/** Runs a fixture that tells of sentences whether they hold. */
export async function facts(args: readonly string[]): Promise<[string, boolean][]> {
  return Object.entries(await report<Record<string, boolean>>(args));
}

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));

/** Runs a fixture in a process of its own, with this Node; gives the output, or rejects with Node's error. */
export async function fixture(args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const options = { cwd: fixtures, env, maxBuffer: 2 ** 26, timeout: 55_000 };
  return run(process.execPath, args, options);
}

/** Runs a fixture whose last line is JSON. */
export async function report<T>(args: readonly string[]): Promise<T> {
  const { stdout } = await fixture(args);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as T;
}

/** Runs a fixture that tells of sentences whether they hold. */
export async function facts(args: readonly string[]): Promise<[string, boolean][]> {
  return Object.entries(await report<Record<string, boolean>>(args));
}

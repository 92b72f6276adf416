// What tasks.mjs tells, and the libraries that are loaded before libc.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Ended } from '../../child.js';

/** What tasks.mjs prints. */
export interface Report {
  parked: number;
  first: { done: number; refused: Record<string, { count: number; message: string }> };
  second: { done: number };
  backend: string;
  reason: string;
  features: Record<string, string>;
  counters: Record<string, number>;
  inScope: string;
  perTask: string;
  stores: unknown[];
  callbacks: unknown[];
}

/** The backend that is tested. */
export const asked: string = process.env.AEVENT_BACKEND || 'fiber';

export const here = (name: string): string => join(import.meta.dirname, name);

/** Compiles a C file of this directory to a library in `dir`. */
export function compile(name: string, dir: string): void {
  const args = ['-O1', '-shared', '-fPIC', '-fno-builtin', here(`${name}.c`), '-o', join(dir, `${name}.so`)];
  execFileSync(process.env.CC ?? 'cc', args);
}

/** The report of a tasks.mjs that ended well, and said nothing else. */
export function parsed({ stdout, stderr, code, signal }: Ended): Report {
  if (code !== 0 || stderr !== '') throw new Error(`ended with ${signal ?? code}\n${stdout}${stderr}`);
  return JSON.parse(stdout) as Report;
}

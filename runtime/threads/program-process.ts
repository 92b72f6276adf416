// The program's `process` for modules in threads, whose own one can do less (thread-process.ts); and what threads have to do before
// the program ends.
import { builtin } from '../base/builtins.js';

const process = builtin<typeof import('node:process')>('process');

/** Calls one of its functions, as a program's: it may have put one of its own in its place. */
export function callProcess([name, args]: readonly unknown[]): unknown {
  const all = process as unknown as Record<string, (...args: unknown[]) => unknown>;
  return all[name as string]?.(...(args as unknown[]));
}

/** Writes what a thread has written. */
export function writeFor(stream: 'stdout' | 'stderr', chunk: string | Uint8Array): void {
  process[stream].write(chunk);
}

/** Sets one of its properties. */
export function assignProcess(name: string, value: unknown): void {
  (process as unknown as Record<string, unknown>)[name] = value;
}

const atExit = new Set<(code: number) => void>();
let listens = false;

/** Calls `end` when the program ends. @returns what takes that back */
export function beforeEnd(end: (code: number) => void): () => void {
  if (!listens) process.on('exit', endAll);
  listens = true;
  atExit.add(end);
  return () => void atExit.delete(end);
}

function endAll(code: number): void {
  atExit.forEach((end) => void end(code));
}

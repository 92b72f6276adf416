// A child is started with the files and values that its options name at the moment of the call, whatever other code does while the
// child waits for its turn, and while it reads its input.
import { builtin } from '../../../runtime/base/builtins.js';
import { copyBytes, each, map, push, splice } from '../../../runtime/base/primordials.js';
import { type HeldDescriptor, holdDescriptor } from '../../../runtime/io/held-descriptor.js';
import type { RunOptions } from './bindings.js';

const { resolve } = builtin<typeof import('node:path')>('path');
const LAST_STDIO_FD = 2;

/**
 * Options that stay what they are: bytes of their own for the child's input; if the child has to wait, too, descriptors of
 * their own and the working directory by its name.
 * @returns them, and what to call when the child is started; a second call does nothing
 */
export function asTheyAre(options: RunOptions, waits: boolean): { options: RunOptions; release(): void } {
  const held: HeldDescriptor[] = [];
  const stdio = map(options.stdio, (entry) => {
    const { fd, input } = entry;
    if (input) return { ...entry, input: bytesOf(input) };
    const own = waits && typeof fd === 'number' && fd > LAST_STDIO_FD ? holdDescriptor(fd) : undefined;
    if (own === undefined) return entry;
    push(held, own);
    return { ...entry, fd: own.fd };
  });
  const kept = { ...options, stdio, ...(waits && { cwd: directoryOf(options.cwd) }) };
  return {
    options: kept,
    release() {
      for (const descriptor of each(splice(held, 0))) descriptor.release();
    },
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): Uint8Array {
  return copyBytes(new Uint8Array(buffer, byteOffset, byteLength));
}

function directoryOf(cwd: unknown): unknown {
  if (cwd !== undefined && cwd !== null && typeof cwd !== 'string') return cwd;
  try {
    return resolve(cwd ?? '');
  } catch {
    return cwd; // The working directory is gone: a child may still start in it.
  }
}

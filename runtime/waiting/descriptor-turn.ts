// Turns at a descriptor that may wait for another program: tasks that read there take turns, and tasks that write.
import type { Stats } from 'node:fs';
import { builtin } from '../base/builtins.js';
import { canBeReopened, type openModeOf, turnKeyOf } from '../io/descriptor.js';
import { withHeldDescriptor } from '../io/held-descriptor.js';
import { inTurn } from './exclusive.js';

const { O_RDONLY } = builtin<typeof import('node:fs')>('fs').constants;

/** A pipe, a socket or a terminal. */
export interface OpenStream {
  readonly fd: number;
  readonly status: Stats;
  readonly mode: ReturnType<typeof openModeOf>;
}

/**
 * Runs `use` when no other task reads (or writes) there, on the open file that `fd` is now.
 * @param access - `O_RDONLY` or `O_WRONLY`
 * @param what - names the wait in the task dump
 * @param use - gets the descriptor to work on, and whether that one can be opened a second time, see `step()`
 */
export function inDescriptorsTurn(
  { fd, status, mode }: OpenStream,
  access: number,
  what: string,
  use: (held: number, twice: boolean) => number,
): number {
  const key = turnKeyOf(access === O_RDONLY ? 'r' : 'w', fd, status);
  const twice = mode !== undefined && canBeReopened(status);
  return withHeldDescriptor(fd, (held) => inTurn(key, what, () => use(held, twice)));
}

// By the name of a wait, which the task dump has, how it ends.
import { exec, includes } from '../base/primordials.js';

/** The wait of a piece: its name in the task dump, and whether it still waits. */
export interface PieceWait {
  readonly what: string;
  readonly pending: boolean;
}

/** The name of the wait of code that computes, and was put aside. */
export const SLICE = 'slice';

/** The name of the wait for a module that is in a thread begins so: where it is not, its calls block. */
export const THREAD = 'thread';

/** Of the names that {@link blocksAndEnds} accepts: a regular expression at each `await_()` would cost too much. */
const FIRST_LETTERS: readonly unknown[] = ['A', 'c', 'f', 's', 't', 'z'];

/** True for a wait that ends whatever becomes of what the program has made. A query of DNS may be answered by a server of the program. */
export const endsSoon = (what: string): boolean =>
  exec(/^(child process|crypto|fs|slice|thread|zlib)\b/, what) !== null;

/** The same, also if a program can make it as long as it likes. */
export const endsByItself = (what: string): boolean =>
  endsSoon(what) || exec(/^(Atomics\.wait|sleepSync)\b/, what) !== null;

/** The same of the waits that plain Node has: in a loop of `sleepSync()` a program may well wait for a callback. */
export const blocksAndEnds = (what: string): boolean =>
  includes(FIRST_LETTERS, what[0]) && (endsSoon(what) || exec(/^Atomics\.wait for\b/, what) !== null);

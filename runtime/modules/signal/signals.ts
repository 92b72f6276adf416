// Signals by name and number, and the one listener of Node's that each signal needs, however many tasks wait for it.
import { builtin, ofProcess } from '../../base/builtins.js';
import { describe } from '../../base/describe.js';
import { AeventError, invalidArgument } from '../../base/errors.js';
import { includes } from '../../base/primordials.js';

/** A signal's name or number. */
export type Signal = NodeJS.Signals | number;

const { isMainThread } = builtin<typeof import('node:worker_threads')>('worker_threads');
const numbers: Record<string, number> = builtin<typeof import('node:os')>('os').constants.signals;
const uncatchable = ['SIGKILL', 'SIGSTOP'];

/**
 * The name of a signal that can be waited for.
 * @throws TypeError `AEVENT_INVALID_SIGNAL`; {@link AeventError} `AEVENT_NOT_MAIN_THREAD` in a Worker, where none arrives
 */
export function nameOf(signal: Signal, what: string): NodeJS.Signals {
  const name =
    typeof signal === 'number' ? Object.keys(numbers).find((key) => numbers[key] === signal) : signal;
  if (typeof name !== 'string' || !Object.hasOwn(numbers, name) || includes(uncatchable, name)) {
    throw invalidArgument(
      'AEVENT_INVALID_SIGNAL',
      `${what} takes the name or number of a signal that a process can catch, not ${describe(signal)}.`,
    );
  }
  if (!isMainThread) {
    throw new AeventError(
      'AEVENT_NOT_MAIN_THREAD',
      `${what} works in the main thread only: Node delivers no signals to Workers. Wait there, and send a message.`,
    );
  }
  return name as NodeJS.Signals;
}

type Listener = (name: NodeJS.Signals) => void;

/** Has `listener` called for each `name` that arrives; gives what ends that. The default action is off meanwhile. */
export function listen(name: NodeJS.Signals, listener: Listener): () => void {
  ofProcess.on(name, listener);
  return () => void ofProcess.off(name, listener);
}

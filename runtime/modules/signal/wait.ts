// Signals that are held back, and the tasks that wait for them. As with POSIX, a signal that is held back is remembered once,
// however often it comes, until a wait takes it.
import { builtin, globals, ofProcess } from '../../base/builtins.js';
import { startTimer } from '../../base/clock.js';
import { each, find, join, map } from '../../base/primordials.js';
import { suspend } from '../../suspension/suspension.js';
import { checkTimeout } from '../select/wait.js';
import { listen, nameOf, type Signal } from './signals.js';

const process = builtin<typeof import('node:process')>('process');

/** A signal that a task holds back, or waits for; or did until a moment ago. */
interface Held {
  holders: number;
  /** How many holds are in force. */
  holds: number;
  pending: boolean;
  readonly waiters: Set<(name: NodeJS.Signals) => void>;
  readonly stop: () => void;
}

const held = new Map<NodeJS.Signals, Held>();

/**
 * Holds signals back: while it lasts they don't do what they do by default, and are kept for {@link sigwait}. Needed
 * where they may come between two calls of that. `using blocked = block(['SIGHUP'])`. Not a checkpoint.
 * @returns disposing of it ends it; a signal that no wait has taken, or that is on its way, is then sent again
 * @throws as {@link sigwait}
 * @see Python `signal.pthread_sigmask`
 */
export function block(signals: Signal | Iterable<Signal>): Disposable {
  let names = namesOf(signals, 'block()');
  for (const name of each(names)) hold(name);
  return {
    [Symbol.dispose](): void {
      for (const name of each(names)) release(name);
      names = [];
    },
  };
}

/**
 * Waits for one of the signals. A checkpoint. It is held back while a task waits for it, so it doesn't do what it
 * does by default; listeners on `process` and handlers hear of it, too. If several tasks wait for one, the first
 * gets it. A task that waits keeps the process alive.
 * @param signals - names or numbers
 * @param timeoutMs - milliseconds >= 0; none or null: no limit
 * @returns its name; undefined when the time was over
 * @throws TypeError `AEVENT_INVALID_SIGNAL`, `AEVENT_INVALID_TIMEOUT`; {@link AeventError} `AEVENT_NOT_MAIN_THREAD`;
 *   {@link Cancelled}; {@link NoPortalError}
 * @see Python `signal.sigwait`, `signal.sigtimedwait`
 */
export function sigwait(
  signals: Signal | Iterable<Signal>,
  timeoutMs?: number | null,
): NodeJS.Signals | undefined {
  const names = namesOf(signals, 'sigwait()');
  const limitMs = checkTimeout(timeoutMs, 'sigwait()', 'error') ?? Number.POSITIVE_INFINITY;
  return suspend<NodeJS.Signals | undefined>(`sigwait ${join(names, ', ')}`, (wait) => {
    const pending = find(names, (name) => held.get(name)?.pending);
    if (pending !== undefined) {
      (held.get(pending) as Held).pending = false;
      wait.resolve(pending);
      return undefined;
    }
    const take = (name: NodeJS.Signals): void => {
      stop();
      wait.resolve(name);
    };
    for (const name of each(names)) hold(name).waiters.add(take);
    // Node's own watch of a signal does not keep the process alive.
    const stopTimer = startTimer(limitMs, () => {
      stop();
      wait.resolve(undefined);
    });
    const stop = (): void => {
      stopTimer();
      for (const name of each(names)) {
        held.get(name)?.waiters.delete(take);
        release(name);
      }
    };
    return stop;
  });
}

function namesOf(signals: Signal | Iterable<Signal>, what: string): NodeJS.Signals[] {
  const isList = typeof signals === 'object' && typeof signals?.[Symbol.iterator] === 'function';
  const list = isList ? [...signals] : [signals as Signal];
  return [...new Set(each(map(list, (signal) => nameOf(signal, what))))];
}

function hold(name: NodeJS.Signals): Held {
  let found = held.get(name);
  if (found === undefined) {
    found = { holders: 0, holds: 0, pending: false, waiters: new Set(), stop: listen(name, arrived) };
    held.set(name, found);
  }
  found.holders++;
  found.holds++;
  return found;
}

/** When the last one no longer holds it, a signal that is left over is sent again. */
function release(name: NodeJS.Signals): void {
  const found = held.get(name);
  if (found === undefined || --found.holders > 0) return;
  if (found.pending) {
    letGo(name, found);
    return;
  }
  const { holds } = found;
  afterNextPoll(() => {
    if (found.holds === holds) letGo(name, found);
  });
}

function letGo(name: NodeJS.Signals, found: Held): void {
  held.delete(name);
  found.stop();
  if (found.pending) ofProcess.kill(process.pid, name);
}

/**
 * A signal that the process has got is with the listeners only when the event loop has polled for it; one that is on
 * its way when the last listener leaves is lost. Two rounds, since the first may begin in the middle of a poll.
 */
function afterNextPoll(fn: () => void): void {
  globals.setImmediate(() => globals.setImmediate(fn));
}

function arrived(name: NodeJS.Signals): void {
  const found = held.get(name);
  if (found === undefined) return;
  const [first] = found.waiters;
  if (first === undefined) found.pending = true;
  else first(name);
}

/** Hands signals on to the program that the command runs as a child. */
import { CONSOLE_SIGNALS } from '../runtime/base/console-signals.js';

/** Nothing can listen to them, or (SIGCHLD) they are not sent from outside. */
const NOT_HANDED_ON = ['SIGKILL', 'SIGSTOP', 'SIGCHLD'];

/**
 * Which signals the command listens to, so that the program decides how both end, and which of them it hands on. On Windows
 * that would end the program at once, whatever it does at the signal.
 * @param known - names of the signals that Node knows on this system
 */
export function signalsOf(
  platform: NodeJS.Platform,
  known: readonly string[],
): { heard: readonly NodeJS.Signals[]; areHandedOn: boolean } {
  const isWindows = platform === 'win32';
  const heard = isWindows ? CONSOLE_SIGNALS : known.filter((name) => !NOT_HANDED_ON.includes(name));
  return { heard: heard as NodeJS.Signals[], areHandedOn: !isWindows };
}

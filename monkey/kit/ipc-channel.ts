// The channel between a parent and its child. In plain Node nothing is read from it while a listener of its messages blocks: also not
// its end, after which `connected` is false and no `send()` works any more.
// Guarded by test/monkey/ipc-channel.test.ts.
import { symbolNamed } from '../../runtime/base/symbol-named.js';

/** Node's object for it. */
interface Channel {
  readStop?(): number;
  readStart?(): number;
}

/** Of `process`, or of a child that was forked. */
function channelOf(end: object): Channel | null | undefined {
  const symbol = symbolNamed(end, 'kChannelHandle');
  return symbol && (Reflect.get(end, symbol) as Channel | null);
}

/**
 * Leaves to the system what comes.
 * @returns a function that has it be read again; undefined where there is no channel
 */
export function stopChannel(end: object): (() => void) | undefined {
  const channel = channelOf(end);
  if (channel?.readStop === undefined) return undefined;
  channel.readStop();
  return () => {
    // Not one that the program has closed meanwhile.
    if (channelOf(end) === channel) channel.readStart?.();
  };
}

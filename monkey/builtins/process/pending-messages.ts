// Messages to a child that came before it had a listener of 'message': Node keeps them for the first one. Node 20 emits them in a loop,
// and clears its list at the end: a listener that disconnects makes that fail, and after one that throws all of them come again. The
// entry of a program that is started with `--import` is loaded in a later turn of the loop, so messages have come by then.
import { globals } from '../../../runtime/base/builtins.js';
import { each } from '../../../runtime/base/primordials.js';
import { symbolNamed } from '../../../runtime/base/symbol-named.js';

type Pending = [event: 'message', ...args: never[]][];

/** Has the messages come in ticks of their own, as those do that come later. To be called where a listener is about to be added. */
export function givePending(process: NodeJS.Process): void {
  const messages = take(process);
  if (messages === undefined || messages.length === 0) return;
  // Behind the ticks that the code asks for which adds the listener: in plain Node no message has come yet.
  globals.nextTick(() => {
    for (const message of each(messages)) globals.nextTick(() => give(process, message));
  });
}

/** Gives Node's list, which is empty then. */
function take(process: NodeJS.Process, left: Pending = []): Pending | undefined {
  const channel: object | null | undefined = process.channel;
  const key = channel && symbolNamed(channel, 'kPendingMessages');
  if (channel === null || channel === undefined || key === undefined) return undefined;
  const messages = Reflect.get(channel, key) as Pending;
  Reflect.set(channel, key, left);
  return messages;
}

function give(process: NodeJS.Process, message: Pending[number]): void {
  if (process.listenerCount('message') > 0) Reflect.apply(process.emit, process, message);
  else take(process, [...each(take(process) ?? []), message]);
}

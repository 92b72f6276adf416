// The sockets of http servers have methods of their own that register listeners: by them Node's parser stops reading the socket itself
// when a program wants its data. They register as Node does, so the program's listeners go through ours first.
import type { Socket } from 'node:net';
import { call, each } from '../../../runtime/base/primordials.js';
import { type Listener, standInFor } from '../../kit/emitter-listeners.js';

const NAMES = ['on', 'addListener', 'prependListener'] as const;

/** Has the listeners that a program adds to such a socket run in tasks; all other sockets stay as they are. */
export function listenThroughOurs(adopted: object): void {
  if (!Object.hasOwn(adopted, 'on')) return;
  const socket = adopted as Socket;
  for (const name of each(NAMES)) {
    const nodes = socket[name];
    Reflect.set(socket, name, function (this: Socket, event: string, listener: Listener): Socket {
      const result = call(nodes, this, event, standInFor(this, event, listener) as () => void);
      // Node takes its methods away when the parser has let the socket go: `upgrade`, `connect`.
      if (Reflect.get(this, 'parser') == null) giveBack(this);
      return result;
    });
  }
}

function giveBack(socket: Socket): void {
  for (const name of each(NAMES)) Reflect.set(socket, name, Reflect.get(Object.getPrototypeOf(socket), name));
}

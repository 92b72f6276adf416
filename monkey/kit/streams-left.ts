// Work that Node does to a stream by itself when its peer has ended or was silent for long: it ends one that cannot be open by half, and
// says 'timeout'. In plain Node it cannot do so while synchronous code runs, which answers first, and so sets the timeout anew. Here that
// code may be suspended; then Node's work waits for it, whatever stream it belongs to: a line of a socket comes to the program by other
// objects, too. Guarded by test/monkey/half-closed.test.ts.
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { builtin } from '../../runtime/base/builtins.js';
import { type AnyFunction, disguise } from '../../runtime/base/disguise.js';
import { some } from '../../runtime/base/primordials.js';
import { replaceMethod } from '../../runtime/base/replace-method.js';
import { symbolNamed } from '../../runtime/base/symbol-named.js';
import { holdWork } from '../../runtime/suspension/held-callbacks.js';
import { isOnCarrier } from '../../runtime/suspension/native-core.js';
import { isAskedByNode } from '../../runtime/suspension/ticks.js';
import { HeldEmitter } from './held-emitter.js';

const { prototype: duplex } = builtin<typeof import('node:stream')>('stream').Duplex;
const { prototype: socket } = builtin<typeof import('node:net')>('net').Socket as unknown as {
  prototype: Socket & { _onTimeout: AnyFunction };
};
const { destroy, end } = duplex;
const { _onTimeout: onTimeout, destroySoon } = socket;

const isGiven = (value: unknown): boolean => value !== undefined;

// Called in a tick after 'end', or by http's listener of 'end'.
replaceMethod(
  duplex,
  'end',
  disguise(end, (self, args) => {
    const stream = self as Duplex;
    const isNodes = !isOnCarrier() && stream.readableEnded === true && !some(args, isGiven);
    const endNow = (): unknown => Reflect.apply(end, stream, args as never);
    const endLater = (): void => {
      waiting.delete(stream);
      if (!stream.writableEnded && !stream.destroyed) endNow();
    };
    if (!isNodes || isDestroying || !isAskedByNode() || !holdWork(endLater)) return endNow();
    waiting.add(stream);
    return stream;
  }),
);

/** Streams whose end waits. */
const waiting = new WeakSet<Duplex>();

// Node's iterator of a stream destroys it at the end, with an error if it can be written to: it could not be any more.
replaceMethod(
  duplex,
  'destroy',
  disguise(destroy, (self, args) => {
    const stream = self as Duplex;
    const destroyNow = (): unknown => Reflect.apply(destroy, stream, args);
    // Also where Node has taken the method before a listener was suspended: for a socket's 'finish'.
    if (!waiting.has(stream) || !isAborted(args[0]))
      return HeldEmitter.keepsDestroy(stream, args, destroyNow) ? stream : destroyNow();
    const destroyLater = (): unknown => Reflect.apply(destroy, stream, [null]);
    return holdWork(destroyLater) ? stream : destroyLater();
  }),
);

/** True for the error that Node makes for lack of another. */
function isAborted(error: unknown): boolean {
  const { cause, code } = (error ?? {}) as { cause?: unknown; code?: unknown };
  return code === 'ABORT_ERR' && cause === undefined;
}

// Of a socket that is needed no more: Node's http asserts that it is not writable then.
let isDestroying = false;
replaceMethod(
  socket,
  'destroySoon',
  disguise(destroySoon, (self) => {
    isDestroying = true;
    try {
      Reflect.apply(destroySoon, self, []);
    } finally {
      isDestroying = false;
    }
  }),
);

// Called by the timer that a socket's setTimeout() starts, and each byte starts anew.
replaceMethod(
  socket,
  '_onTimeout',
  disguise(onTimeout, (self) => {
    const silent = self as Socket;
    const timer = timerOf(silent);
    const start = timer?._idleStart;
    const tell = (): unknown => Reflect.apply(onTimeout, silent, []);
    const tellLater = (): void => {
      const isSame = timerOf(silent) === timer && timer?._idleStart === start;
      if (isSame && !silent.destroyed) tell();
    };
    return holdWork(tellLater) ? undefined : tell();
  }),
);

/** Node's own object: another one after each setTimeout(). */
function timerOf(of: Socket): { readonly _idleStart?: number } | undefined {
  const symbol = symbolNamed(of, 'timeout');
  return symbol && Reflect.get(of, symbol);
}

// Objects that can be polled, and where their descriptors are.
import type { EventEmitter } from 'node:events';
import { builtin } from '../../base/builtins.js';
import { kindOf } from '../../base/describe.js';
import { invalidArgument } from '../../base/errors.js';
import { call } from '../../base/primordials.js';
import { symbolNamed } from '../../base/symbol-named.js';

/**
 * A file descriptor, or what has one: sockets, servers and streams of `net`, `tls`, `dgram`, `tty` and `fs`, a child's
 * stdio, a `FileHandle`.
 */
export type Pollable = number | object;

interface HasDescriptor {
  readonly fd?: unknown;
  readonly handle?: HasDescriptor | null;
  readonly _handle?: HasDescriptor | null;
  readonly readableLength?: number;
  readonly _readableState?: { readonly ended?: boolean };
}

const { EventEmitter: Emitter } = builtin<typeof import('node:events')>('events');
const { on } = Emitter.prototype;
const LARGEST_FD = 2 ** 31 - 1;

/**
 * The descriptor of `target` now; -1 if it has none any more, or not yet.
 * @throws TypeError `AEVENT_NO_DESCRIPTOR` for what can never have one
 */
export function descriptorOf(target: Pollable): number {
  if (typeof target === 'number') {
    if (Number.isInteger(target) && target >= 0 && target <= LARGEST_FD) return target;
  } else if (typeof target === 'object' && target !== null) {
    // First: dgram has a `_handle` too, but a getter that warns.
    const socket = datagramState(target);
    if (socket !== undefined) return fdOf(socket.handle);
    const { fd, _handle } = target as HasDescriptor;
    if (_handle !== undefined) return fdOf(_handle);
    // A stream of fs has null before it is open and after it was closed.
    if (fd !== undefined) return fdOf(target);
  }
  const what = kindOf(target);
  throw invalidArgument(
    'AEVENT_NO_DESCRIPTOR',
    `Only a file descriptor (an integer >= 0), or a socket, server or stream that has one, can be polled, not ${what}.`,
  );
}

/** True if reading from the stream would give something that Node has taken from the descriptor already. */
export function hasBuffered(target: Pollable): boolean {
  if (typeof target === 'number') return false;
  const { readableLength = 0, _readableState: state } = target as HasDescriptor;
  return readableLength > 0 || state?.ended === true;
}

/** By emitter, the functions to call when it closes: one listener, however many polls wait for it. */
const closing = new WeakMap<EventEmitter, Set<() => void>>();

/** Calls `closed` when Node closes `target`; gives what takes that back. */
export function onClose(target: Pollable, closed: () => void): (() => void) | undefined {
  if (!(target instanceof Emitter)) return undefined;
  let told = closing.get(target);
  if (told === undefined) {
    told = new Set();
    closing.set(target, told);
    call(on, target, 'close', tellClosed);
  }
  told.add(closed);
  return () => {
    told.delete(closed);
    if (told.size > 0) return;
    closing.delete(target);
    target.removeListener('close', tellClosed);
  };
}

function tellClosed(this: EventEmitter): void {
  for (const closed of [...(closing.get(this) ?? [])]) closed();
}

function datagramState(target: object): HasDescriptor | undefined {
  const symbol = symbolNamed(target, 'state symbol');
  return symbol === undefined ? undefined : (target as Record<symbol, HasDescriptor>)[symbol];
}

function fdOf(handle: HasDescriptor | null | undefined): number {
  return typeof handle?.fd === 'number' ? handle.fd : -1;
}

// How this thread and one that works for it talk: what they say to each other by their mailboxes (mailbox.ts). A port besides only
// wakes an event loop, once a batch. Imported by both threads: it must stay free of the runtime.
import type { SharedWay } from './mailbox.js';

/** The shared numbers. */
export const Signal = {
  /** 1 while the thread is in its event loop: it has to be woken. */
  threadSleeps: 0,
  /** 1 from when the thread has woken the host's event loop until the host looks. */
  hostWoken: 1,
  /** 1 while the host waits for a message where it stands: its event loop need not be woken. */
  hostWaits: 2,
  /** 1 once the thread has ended. */
  ended: 3,
  /** A descriptor of the thread's, which Node closes with it, plus 1: tells a thread that died without a word. */
  descriptor: 4,
  size: 5,
} as const;

/** The data that the thread is started with. */
export interface ThreadData {
  readonly signals: Int32Array;
  readonly toThread: SharedWay;
  readonly toHost: SharedWay;
  readonly port: import('node:worker_threads').MessagePort;
  readonly wake: import('node:worker_threads').MessagePort;
  /** Of a module's thread, whose `process` is to be the program's: `process.argv`. */
  readonly argv: readonly string[] | undefined;
}

/** The operations of a thread; the arguments of each are encoded (codec.ts). */
export type Operation =
  /** Loads a module: specifier, importer's path. Gives its exports, as a reference. */
  | 'load'
  /** The names that an `import` of a module has: specifier, importer's path. Gives whether it is of CommonJS, too. */
  | 'names'
  /** Calls an export of a module: specifier, importer, export, arguments; or a function by its source. */
  | 'run'
  | 'runSource'
  /** Reference, arguments, and `this` unless that is undefined. */
  | 'apply'
  /** Reference, arguments. */
  | 'construct'
  /** Reference, name, arguments. */
  | 'method'
  | 'get'
  | 'set'
  | 'has'
  | 'delete'
  | 'keys'
  | 'describe'
  /** An iterator, how many values. */
  | 'pull'
  | 'return'
  /** The program ends, with this code: listeners of the thread's do what they have to. */
  | 'exit';

/** The requests of a thread to the host: besides, to call a function of `process` by its name. */
export type OfHost = Operation | 'process';

/** To the thread. `parent` is the callback that the request is made in, or 0; `piece` is the callback or microtask of its owner that asks. */
export type ToThread =
  | readonly [
      'request',
      id: number,
      owner: number,
      piece: number,
      parent: number,
      blocks: boolean,
      Operation,
      args: readonly unknown[],
    ]
  | readonly ['reply', callback: number, ok: boolean, value?: unknown]
  | readonly ['withdraw', request: number]
  | readonly ['ownerEnded', owner: number]
  /** A piece is over, or waits for others: its owner's other pieces may use the connection. */
  | readonly ['pieceEnded', piece: number]
  | readonly ['release', ids: readonly number[], counts: readonly number[]];

/** The owner that has the connection for itself: 0 none, 1 that of the request, 2 another one, as before. */
export type Holds = 0 | 1 | 2;

/** From the thread. `request` is the one that the callback was called in, or 0. */
export type ToHost =
  | readonly ['done', request: number, ok: boolean, holds: Holds, value?: unknown]
  | readonly ['callback', id: number, request: number, OfHost, target: number, args: readonly unknown[]]
  | readonly ['write', 'stdout' | 'stderr', chunk: string | Uint8Array]
  /** A property of `process`. */
  | readonly ['assign', name: string, value: unknown]
  | readonly ['settled', promise: number, ok: boolean, value: unknown]
  /**
   * Before it rests: requests that wait for the connection, which owner holds it (0: a callback that is under way), and the number of
   * the last message that it has taken by then.
   */
  | readonly ['waiting', requests: readonly number[], holder: number, received: number]
  | readonly ['release', ids: readonly number[], counts: readonly number[]];

/** A call of the thread's to this one. */
export type Callback = Extract<ToHost, readonly ['callback', ...unknown[]]>;

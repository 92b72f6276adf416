// Runs in the thread: takes requests, one after the other, and answers them. A request may call back, and requests that come
// in that callback are served below it. Everything else waits its turn: a transaction has its connection for itself.
import type { MessagePort } from 'node:worker_threads';
import { builtin } from '../base/builtins.js';
import { push } from '../base/primordials.js';
import { decode, type Encoding, encode, encoding, isSmallAndPlain, type References } from './codec.js';
import { HeldConnections } from './held-connections.js';
import { HostObjects } from './host-objects.js';
import { Mailbox } from './mailbox.js';
import { Later, operationsOf } from './operations.js';
import { type Holds, type OfHost, Signal, type ThreadData, type ToHost, type ToThread } from './protocol.js';
import { asOfProgram, type ToProgram } from './thread-process.js';

const { workerData } = builtin<typeof import('node:worker_threads')>('worker_threads');
const { openSync } = builtin<typeof import('node:fs')>('fs');
const { devNull } = builtin<typeof import('node:os')>('os');

type Request = Extract<ToThread, readonly ['request', ...unknown[]]>;

/** Milliseconds that the thread waits for the next request before it goes to its event loop. */
const LINGER_MS = 5;
/** Milliseconds after which the event loop turns, however many requests there are. */
const TURN_MS = 20;

const { signals, toThread, toHost, port, wake, argv } = (workerData as { aevent: ThreadData }).aevent;
const box = new Mailbox(port, toHost, toThread);
const deferred: Request[] = [];
/** The callbacks that are under way, the innermost last. */
const callbacks: number[] = [];
let lastCallback = 0;
/** The request that is being served; 0 in work that the thread does by itself. */
let current = 0;
/** The owner that has the connection for itself, or 0. */
let holder = 0;
/** The piece of the holder's that is in the midst of its work, or 0: in plain Node nothing else would run. */
let holdingPiece = 0;
/** True for a transaction whose owner cannot end it any more, or has not for long: it belongs to all until it ends. */
let isShared = false;
/** How many messages had been taken when the host was told last which requests wait. */
let toldAt = 0;
/** Promises that the host waits for: they settle in the event loop. */
let promises = 0;

const connections = new HeldConnections();
const objects = new HostObjects({
  callHost,
  onDrop: () => {
    const dropped = objects.takeDropped();
    if (dropped !== undefined) post(['release', dropped.ids, dropped.counts]);
  },
  onPromise: follow,
});
const operations = {
  ...operationsOf(objects, connections),
  // After the output that the thread has begun, such as a warning.
  exit([code]: readonly unknown[]): unknown {
    const emit = (): void => emitExit(code as number);
    // In a process.exit() of this thread's own its event loop does not turn.
    return callbacks.length > 0
      ? emit()
      : new Later(new Promise((resolve) => setImmediate(resolve)).then(emit));
  },
};
const program: ToProgram = {
  call: (name, args) => callHost('process', 0, [name, args]),
  write: (stream, chunk) => post(['write', stream, chunk], typeof chunk === 'string' ? undefined : ofBytes),
  assign: (name, value) => post(['assign', name, value]),
};
/** Tells of a new exit code. A function that was handed to a thread sets that of the thread. */
const tellExitCode = argv === undefined ? (): void => {} : asOfProgram(program, argv);

/** Not as JSON. */
const ofBytes: Encoding = { ...encoding(), isPlain: false };

function post(message: ToHost, into?: Encoding): void {
  if (into === undefined) box.post(message, [], true);
  else box.post(message, into.transfer, isSmallAndPlain(into));
  box.nudge();
  if (Atomics.load(signals, Signal.hostWaits) === 1) return;
  if (Atomics.compareExchange(signals, Signal.hostWoken, 0, 1) === 0) wake.postMessage(0);
}

const take = (): ToThread | undefined => box.take() as ToThread | undefined;

/** Has the host's promise settle as the thread's. */
function follow(promise: Promise<unknown>, id: number): void {
  const settle = (ok: boolean) => (value: unknown) => {
    promises--;
    try {
      const into = encoding(objects);
      post(['settled', id, ok, encode(value, into)], into);
    } catch (error) {
      const into = encoding(objects);
      post(['settled', id, false, encode(error, into)], into);
    }
  };
  promises++;
  promise.then(settle(true), settle(false));
}

/** Calls a function, or asks an object, of the host's, and waits. Requests that the host makes of this thread in that call are served meanwhile. */
function callHost(operation: OfHost, target: number, args: readonly unknown[]): unknown {
  const id = ++lastCallback;
  const into = encoding(objects);
  post(['callback', id, current, operation, target, args.map((arg) => encode(arg, into))], into);
  push(callbacks, id);
  const request = current;
  try {
    for (;;) {
      for (let message = take(); message !== undefined; message = take()) {
        if (message[0] === 'reply' && message[1] === id) {
          const value = decode(message[3], objects);
          if (message[2]) return value;
          throw value;
        }
        handle(message);
      }
      tellWaiting();
      box.wait(Number.POSITIVE_INFINITY);
    }
  } finally {
    callbacks.pop();
    current = request;
    // The event loop has called back: nothing else comes to serve the requests that have waited for that.
    if (request === 0 && callbacks.length === 0 && deferred.length > 0) setImmediate(work);
  }
}

/** Serves a message, or keeps it for later. */
function handle(message: ToThread): void {
  switch (message[0]) {
    case 'request':
      if (mayServe(message)) serve(message);
      else if (message[5]) refuse(message);
      else push(deferred, message);
      return;
    case 'release':
      objects.exported.release(message[1], message[2]);
      return;
    case 'withdraw': {
      const index = deferred.findIndex((request) => request[1] === message[1]);
      if (index < 0) return;
      const [withdrawn] = deferred.splice(index, 1) as [Request];
      answer(withdrawn, true, undefined, objects);
      return;
    }
    case 'ownerEnded':
      if (holder === message[1]) {
        holder = holdingPiece = 0;
        isShared = true;
      }
      connections.ownerEnded(message[1]);
      return;
    case 'pieceEnded':
      if (holdingPiece === message[1]) holdingPiece = 0;
      return;
    case 'reply':
      throw new Error(`aevent: a reply to callback ${message[1]}, which is not the innermost`);
  }
}

function mayServe(request: Request): boolean {
  const [, , owner, piece, parent, , operation, args] = request;
  if (callbacks.length > 0) return parent === callbacks.at(-1);
  if (holder === 0 || operation === 'exit') return true;
  if (holder === owner && (holdingPiece === 0 || holdingPiece === piece)) return true;
  // To close a connection rolls its transaction back, whichever task has begun it.
  return operation === 'method' && args[1] === 'close';
}

/** The host's loop stands still until this is answered, so nothing can end the transaction that it would wait for. */
function refuse(request: Request): void {
  const error = Object.assign(
    new Error(
      'A call was made outside of tasks, which blocks, while a task that is suspended has the connection for itself. ' +
        'Make it in a task (aevent.call(), aevent.run()), where it waits its turn.',
    ),
    { code: 'AEVENT_THREAD_BUSY' },
  );
  answer(request, false, error, objects);
}

function serve(request: Request): void {
  const [, id, owner, piece, parent, , operation, args] = request;
  const before = current;
  current = id;
  // aevent.toThread() copies.
  const by = operation === 'run' || operation === 'runSource' ? undefined : objects;
  let ok = true;
  let result: unknown;
  try {
    result = operations[operation](args, owner);
  } catch (error) {
    ok = false;
    result = error;
  }
  if (parent === 0) {
    const areHeld = connections.areHeld;
    isShared &&= areHeld;
    holder = areHeld && !isShared ? owner : 0;
    holdingPiece = holder === 0 ? 0 : piece;
  }
  if (result instanceof Later) answerLater(request, result.promise, by);
  else answer(request, ok, result, by);
  current = before;
}

function answerLater(request: Request, promise: Promise<unknown>, by: References | undefined): void {
  promises++;
  const settle =
    (ok: boolean) =>
    (value: unknown): void => {
      promises--;
      answer(request, ok, value, by);
    };
  void promise.then(settle(true), settle(false));
}

const heldFor = (owner: number): Holds => (holder === 0 ? 0 : holder === owner ? 1 : 2);

function answer(request: Request, ok: boolean, value: unknown, by: References | undefined): void {
  const [, id, owner] = request;
  tellExitCode();
  const holds = heldFor(owner);
  try {
    const into = encoding(by);
    if (value === undefined) post(['done', id, ok, holds]);
    else post(['done', id, ok, holds, encode(value, into)], into);
  } catch (error) {
    const into = encoding(by);
    post(['done', id, false, holds, encode(error, into)], into);
  }
}

/** Before it rests: which requests wait for an action of the host. */
function tellWaiting(): void {
  if (deferred.length === 0 || toldAt === box.taken) return;
  toldAt = box.taken;
  const ids = deferred.map((request) => request[1]);
  post(['waiting', ids, callbacks.length > 0 ? 0 : holder, toldAt]);
}

function serveDeferred(): void {
  for (let i = 0; i < deferred.length; ) {
    const request = deferred[i] as Request;
    if (!mayServe(request)) {
      i++;
      continue;
    }
    deferred.splice(i, 1);
    serve(request);
    i = 0;
  }
}

let lookedAtMs = 0;
let hasOthers = false;

/** Whether the event loop has anything else to do: a timer, a socket, a promise that a request waits for. */
function isLoopNeeded(nowMs: number): boolean {
  if (promises > 0) return true;
  // Takes some microseconds.
  if (nowMs !== lookedAtMs) hasOthers = process.getActiveResourcesInfo().length > 2;
  lookedAtMs = nowMs;
  return hasOthers;
}

function work(): void {
  Atomics.store(signals, Signal.threadSleeps, 0);
  const begunMs = Date.now();
  serveDeferred();
  for (;;) {
    for (let message = take(); message !== undefined; message = take()) {
      handle(message);
      if (deferred.length > 0) serveDeferred();
      if (Date.now() - begunMs > TURN_MS) break;
    }
    const nowMs = Date.now();
    if (nowMs - begunMs > TURN_MS && box.hasMail) {
      setImmediate(work);
      return;
    }
    tellWaiting();
    if (box.wait(isLoopNeeded(nowMs) ? 0 : LINGER_MS)) continue;
    Atomics.store(signals, Signal.threadSleeps, 1);
    if (!box.hasMail) return;
    Atomics.store(signals, Signal.threadSleeps, 0);
  }
}

function onEnded(): void {
  Atomics.store(signals, Signal.ended, 1);
  box.nudge();
}

/** The program ends; this thread is ended by that. */
function emitExit(code: number): void {
  process.off('exit', onEnded);
  process.emit('exit', code);
  process.on('exit', onEnded);
}

process.on('exit', onEnded);
Atomics.store(signals, Signal.descriptor, openSync(devNull, 'r') + 1);
(wake as MessagePort).on('message', work);
work();

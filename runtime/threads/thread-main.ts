// Runs in the thread: takes requests, one after the other, and answers them. A request may call back, and what is asked in that
// callback is served below it. Everything else waits its turn: a transaction has its connection for itself.
import type { MessagePort } from 'node:worker_threads';
import { builtin } from '../base/builtins.js';
import { each, push } from '../base/primordials.js';
import { decode, encode, encoding, MARK, type Marked, type References } from './codec.js';
import { describePrototype, describeReference } from './describe-reference.js';
import { exportOf, functionOf, loadModule, namesOf } from './load-module.js';
import { type Operation, Signal, type ThreadData, type ToHost, type ToThread } from './protocol.js';
import { Exports, Imports } from './references.js';

const { receiveMessageOnPort, workerData } = builtin<typeof import('node:worker_threads')>('worker_threads');
const { openSync } = builtin<typeof import('node:fs')>('fs');
const { devNull } = builtin<typeof import('node:os')>('os');

type Request = Extract<ToThread, readonly ['request', ...unknown[]]>;

/** Milliseconds that the thread waits for the next request before it goes to its event loop. */
const LINGER_MS = 1;
/** Milliseconds after which the event loop turns, however many requests there are. */
const TURN_MS = 20;

const { signals, port, wake } = (workerData as { aevent: ThreadData }).aevent;
let received = 0;
const deferred: Request[] = [];
/** The callbacks that are under way, the innermost last. */
const callbacks: number[] = [];
let lastCallback = 0;
/** The request that is being served; 0 in what the thread does by itself. */
let current = 0;
/** Who has the connection for itself, or 0. */
let holder = 0;
let toldWaiting = '';

const exported = new Exports();
const imported = new Imports(() => releaseDropped());
const owners = new WeakMap<object, number>();

/** Connections that tell whether they are in a transaction. */
const connections = new Set<WeakRef<Connection>>();
interface Connection {
  readonly inTransaction?: boolean;
  readonly isTransaction?: boolean;
  readonly open?: boolean;
  readonly isOpen?: boolean;
}
/** Iterators over rows of a connection that can do nothing else meanwhile. */
const openIterators = new Map<object, number>();

const references: References = {
  refer(value) {
    const host = owners.get(value);
    if (host !== undefined) return { [MARK]: 'back', id: host };
    const { id } = exported.send(value);
    if (value instanceof Promise) follow(value, id);
    return describeReference(id, value);
  },
  stays: (value) => owners.has(value) || hasFunctions(value),
  resolve(mark) {
    const id = mark.id as number;
    if (mark[MARK] === 'back') return exported.get(id);
    return imported.receive(id, () => {
      const made = mark[MARK] === 'function' ? standInFunction(id, mark) : standInObject(id, mark);
      owners.set(made, id);
      return made;
    });
  },
  originOf(error) {
    const id = owners.get(error);
    return id === undefined ? undefined : { [MARK]: 'back', id };
  },
  adopt(origin, error) {
    imported.receive(origin.id as number, () => error);
    owners.set(error, origin.id as number);
  },
  classOf: () => undefined,
  describe: (error) => describePrototype(Object.getPrototypeOf(error)),
};

/** True for a plain object with functions or accessors: its methods want it as `this`. */
function hasFunctions(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  if (prototype === null && (value as Record<symbol, unknown>)[Symbol.toStringTag] === 'Module') return true;
  for (const key of each(Object.keys(value))) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    if (descriptor?.get !== undefined || typeof descriptor?.value === 'function') return true;
  }
  return false;
}

function standInFunction(id: number, { name, length }: Marked): object {
  const made = function (this: unknown, ...args: unknown[]): unknown {
    return callHost('apply', id, [this, args]);
  };
  return Object.defineProperties(made, {
    name: { value: name, configurable: true },
    length: { value: length, configurable: true },
  });
}

/** An object of the host's: whatever is done to it is done there. */
function standInObject(id: number, mark: Marked): object {
  const target = mark.isArray === true ? [] : {};
  return new Proxy(target, {
    get: (_, key) => (key === 'then' && mark.isThenable !== true ? undefined : callHost('get', id, [key])),
    set: (_, key, value) => Boolean(callHost('set', id, [key, value])),
    has: (_, key) => Boolean(callHost('has', id, [key])),
    deleteProperty: (_, key) => Boolean(callHost('delete', id, [key])),
    ownKeys: () => callHost('keys', id, []) as string[],
    getOwnPropertyDescriptor: (_, key) => {
      if (callHost('has', id, [key]) !== true) return undefined;
      return { value: callHost('get', id, [key]), writable: true, enumerable: true, configurable: true };
    },
  });
}

function post(message: ToHost, transfer: readonly ArrayBuffer[]): void {
  port.postMessage(message, transfer as ArrayBuffer[]);
  Atomics.add(signals, Signal.toHost, 1);
  Atomics.notify(signals, Signal.toHost);
  if (Atomics.load(signals, Signal.hostWaits) === 1) return;
  if (Atomics.compareExchange(signals, Signal.hostWoken, 0, 1) === 0) wake.postMessage(0);
}

function receive(): ToThread | undefined {
  const found = receiveMessageOnPort(port) as { message: ToThread } | undefined;
  if (found === undefined) return undefined;
  received++;
  return found.message;
}

function releaseDropped(): void {
  const dropped = imported.takeDropped();
  if (dropped !== undefined) post(['release', dropped.ids, dropped.counts], []);
}

/** Has the host's promise settle as the thread's. */
function follow(promise: Promise<unknown>, id: number): void {
  const settle = (ok: boolean) => (value: unknown) => {
    try {
      const into = encoding(references);
      const encoded = encode(value, into);
      post(['settled', id, ok, encoded], into.transfer);
    } catch (error) {
      post(['settled', id, false, encode(error, encoding(references))], []);
    }
  };
  promise.then(settle(true), settle(false));
}

/** Calls a function, or asks an object, of the host's, and waits. What that asks of this thread is served meanwhile. */
function callHost(operation: Operation, target: number, args: readonly unknown[]): unknown {
  const id = ++lastCallback;
  const into = encoding(references);
  const encoded = args.map((arg) => encode(arg, into));
  post(['callback', id, current, operation, target, encoded], into.transfer);
  push(callbacks, id);
  const request = current;
  try {
    for (;;) {
      const seen = Atomics.load(signals, Signal.toThread);
      for (let message = receive(); message !== undefined; message = receive()) {
        if (message[0] === 'reply' && message[1] === id) {
          const value = decode(message[3], references);
          if (message[2]) return value;
          throw value;
        }
        take(message);
      }
      tellWaiting();
      if (received === seen) Atomics.wait(signals, Signal.toThread, seen);
    }
  } finally {
    callbacks.pop();
    current = request;
  }
}

/** Serves a message, or keeps it for later. */
function take(message: ToThread): void {
  switch (message[0]) {
    case 'request':
      if (mayServe(message)) serve(message);
      else if (message[4]) refuse(message);
      else push(deferred, message);
      return;
    case 'release':
      exported.release(message[1], message[2]);
      return;
    case 'withdraw': {
      const index = deferred.findIndex((request) => request[1] === message[1]);
      if (index < 0) return;
      deferred.splice(index, 1);
      answer(message[1], true, undefined, references);
      return;
    }
    case 'ownerEnded':
      if (holder === message[1]) holder = 0;
      for (const [iterator, owner] of openIterators) if (owner === message[1]) openIterators.delete(iterator);
      return;
    case 'reply':
      throw new Error(`aevent: a reply to callback ${message[1]}, which is not the innermost`);
  }
}

function mayServe(request: Request): boolean {
  const [, , owner, parent] = request;
  if (callbacks.length > 0) return parent === callbacks.at(-1);
  return holder === 0 || holder === owner;
}

/** The host's loop stands still until this is answered, so nothing can end what it would wait for. */
function refuse([, id]: Request): void {
  const error = Object.assign(
    new Error(
      'A call was made outside of tasks, which blocks, while a task that is suspended has the connection for itself. ' +
        'Make it in a task (aevent.call(), aevent.run()), where it waits its turn.',
    ),
    { code: 'AEVENT_THREAD_BUSY' },
  );
  answer(id, false, error, references);
}

function serve(request: Request): void {
  const [, id, owner, parent, , operation, args] = request;
  const before = current;
  current = id;
  // aevent.toThread() copies.
  const by = operation === 'run' || operation === 'runSource' ? undefined : references;
  try {
    const result = operations[operation](args, owner);
    if (result instanceof Later)
      void result.promise.then(answerWith(id, true, by), answerWith(id, false, by));
    else answer(id, true, result, by);
  } catch (error) {
    answer(id, false, error, by);
  } finally {
    current = before;
    if (parent === 0) holder = isHeld() ? owner : 0;
  }
}

function isHeld(): boolean {
  if (openIterators.size > 0) return true;
  for (const held of connections) {
    const connection = held.deref();
    if (connection === undefined) connections.delete(held);
    else if (isInTransaction(connection)) return true;
  }
  return false;
}

function isInTransaction(connection: Connection): boolean {
  try {
    return (
      connection.inTransaction === true || (connection.isOpen === true && connection.isTransaction === true)
    );
  } catch {
    return false; // closed
  }
}

function answer(id: number, ok: boolean, value: unknown, by: References | undefined): void {
  try {
    const into = encoding(by);
    const encoded = encode(value, into);
    post(['done', id, ok, encoded], into.transfer);
  } catch (error) {
    post(['done', id, false, encode(error, encoding(by))], []);
  }
}

const answerWith =
  (id: number, ok: boolean, by: References | undefined) =>
  (value: unknown): void =>
    answer(id, ok, value, by);

/** A result that is there when a promise has settled. */
class Later {
  readonly promise: Promise<unknown>;

  constructor(promise: Promise<unknown>) {
    this.promise = promise;
  }
}

const later = (value: unknown): unknown => (value instanceof Promise ? new Later(value) : value);

type Serve = (args: readonly unknown[], owner: number) => unknown;
type Callable = (...args: unknown[]) => unknown;
type AnyRecord = Record<PropertyKey, unknown>;

const real = <T = AnyRecord>(id: unknown): T => exported.get(id as number) as T;
const decoded = (value: unknown): unknown => decode(value, references);
const list = (value: unknown): unknown[] => decode(value, references) as unknown[];

const operations: Record<Operation, Serve> = {
  load: ([specifier, from]) => later(asRoot(loadModule(specifier as string, from as string))),
  names: ([specifier, from]) => later(namesOf(specifier as string, from as string)),
  run: ([specifier, from, name, args]) => {
    const values = decode(args) as unknown[];
    const call = (module: unknown): unknown =>
      exportOf(module, name as string, specifier as string)(...values);
    const module = loadModule(specifier as string, from as string);
    return later(module instanceof Promise ? module.then(call) : call(module));
  },
  runSource: ([source, args]) => later(functionOf(source as string)(...(decode(args) as unknown[]))),
  apply: ([id, self, args]) => track(Reflect.apply(real<Callable>(id), decoded(self), list(args))),
  construct: ([id, args]) => track(Reflect.construct(real<Callable>(id), list(args))),
  method: ([id, key, args], owner) => {
    const self = real(id);
    const value = Reflect.apply(self[decoded(key) as string] as Callable, self, list(args));
    if (key === 'iterate' && isRows(self, value)) openIterators.set(value as object, owner);
    return track(value);
  },
  get: ([id, key]) => real(id)[decoded(key) as string],
  set: ([id, key, value]) => Reflect.set(real(id), decoded(key) as string, decoded(value)),
  has: ([id, key]) => Reflect.has(real(id), decoded(key) as string),
  delete: ([id, key]) => Reflect.deleteProperty(real(id), decoded(key) as string),
  keys: ([id]) => Reflect.ownKeys(real(id)).filter((key) => typeof key === 'string'),
  describe: ([id, key]) => {
    const found = Object.getOwnPropertyDescriptor(real(id), decoded(key) as string);
    return found && { enumerable: found.enumerable };
  },
  pull: ([id, count]) => pull(real(id) as unknown as Iterator<unknown>, count as number),
  return: ([id, value]) => {
    const iterator = real(id) as unknown as Iterator<unknown>;
    openIterators.delete(iterator);
    return iterator.return?.(decoded(value));
  },
};

/** better-sqlite3 refuses everything else that a connection is asked while it iterates. */
function isRows(statement: AnyRecord, value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof statement.pluck === 'function';
}

/** Values of an iterator, as many as there are. An error comes after those before it. */
function pull(iterator: Iterator<unknown>, count: number): unknown {
  const values: unknown[] = [];
  while (values.length < count) {
    try {
      const { done, value } = iterator.next();
      if (done === true) {
        openIterators.delete(iterator);
        return { values, done: true, result: value };
      }
      push(values, value);
    } catch (error) {
      openIterators.delete(iterator);
      return { values, done: true, failed: true, result: error };
    }
  }
  return { values, done: false };
}

function track(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || owners.has(value)) return value;
  if (typeof (value as Connection).inTransaction === 'boolean' || 'isTransaction' in value) {
    for (const held of connections) if (held.deref() === value) return value;
    connections.add(new WeakRef(value as Connection));
  }
  return value;
}

/** A module is a reference, whatever it exports. */
function asRoot(module: unknown): unknown {
  const root = (value: unknown): unknown => {
    if (value instanceof Promise) return value;
    if ((typeof value === 'object' && value !== null) || typeof value === 'function') return new Root(value);
    return value;
  };
  return module instanceof Promise ? module.then(root) : root(module);
}

class Root {
  readonly value: object;

  constructor(value: object) {
    this.value = value;
  }
}

const { stays, refer } = references;
references.stays = (value) => value instanceof Root || stays(value);
references.refer = (value) =>
  value instanceof Root ? { ...refer(value.value), isRoot: true } : refer(value);

/** Before it rests: which requests wait for what the host must do. */
function tellWaiting(): void {
  if (deferred.length === 0) {
    toldWaiting = '';
    return;
  }
  const ids = deferred.map((request) => request[1]);
  const told = `${received}`;
  if (told === toldWaiting) return;
  toldWaiting = told;
  post(['waiting', ids, callbacks.length > 0 ? 0 : holder, received], []);
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

function work(): void {
  Atomics.store(signals, Signal.threadSleeps, 0);
  const begun = Date.now();
  for (;;) {
    const seen = Atomics.load(signals, Signal.toThread);
    for (let message = receive(); message !== undefined; message = receive()) {
      take(message);
      if (deferred.length > 0) serveDeferred();
      if (Date.now() - begun > TURN_MS) break;
    }
    if (Date.now() - begun > TURN_MS) {
      setImmediate(work);
      return;
    }
    if (received < seen) continue;
    tellWaiting();
    const hasOthers = process.getActiveResourcesInfo().length > 2;
    if (Atomics.wait(signals, Signal.toThread, seen, hasOthers ? 0 : LINGER_MS) !== 'timed-out') continue;
    Atomics.store(signals, Signal.threadSleeps, 1);
    if (Atomics.load(signals, Signal.toThread) === seen) return;
    Atomics.store(signals, Signal.threadSleeps, 0);
  }
}

process.on('exit', () => {
  Atomics.store(signals, Signal.ended, 1);
  Atomics.add(signals, Signal.toHost, 1);
  Atomics.notify(signals, Signal.toHost);
});
Atomics.store(signals, Signal.descriptor, openSync(devNull, 'r') + 1);
(wake as MessagePort).on('message', work);
work();

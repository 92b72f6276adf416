// Emitters that have their events from one another: a socket and the messages that come by it, a child and its streams. In plain Node
// their events come in one order: while a listener of one of them runs, none of the others brings anything.
// Guarded by test/monkey/kin-in-order.test.ts.
import type { EventEmitter } from 'node:events';
import type { Duplex, Readable } from 'node:stream';
import { builtin } from '../../runtime/base/builtins.js';
import {
  call,
  each,
  filter,
  includes,
  ownValue as own,
  push,
  slice,
} from '../../runtime/base/primordials.js';
import { symbolNamed } from '../../runtime/base/symbol-named.js';

const { EventEmitter: Emitter } = builtin<typeof import('node:events')>('events');
const { Worker } = builtin<typeof import('node:worker_threads')>('worker_threads');
const { isProxy } = builtin<typeof import('node:util')>('util').types;
const { isPrototypeOf: isInChainOf } = Object.prototype;

/** Properties with emitters that belong to one that was made: a child's streams, a request's socket, a cluster worker's process. */
const PARTS = ['stdin', 'stdout', 'stderr', 'socket', 'process'] as const;

/** Properties with emitters that have their events from one, or it from them: of a message, a socket of http, one of tls, an interface. */
const KIN = ['req', 'res', '_httpMessage', '_parent', 'input'] as const;

/** So many are looked for at most. */
const MOST = 16;

/** Has a property of that name only if it is a stream of HTTP/2. */
const RST_CODE = 'rstCode';

/** By an emitter, those that have noted it as the one that they have their events from. */
const drivenBy = new WeakMap<object, WeakRef<EventEmitter>[]>();
/** By the module `cluster`. */
const workersOf = new WeakMap<object, WeakRef<EventEmitter>[]>();

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !isProxy(value);

export const isEmitter = (value: unknown): value is EventEmitter =>
  isObject(value) && call(isInChainOf, Emitter.prototype, value);

/** Adds what is an emitter. */
function add(to: EventEmitter[], value: unknown): void {
  if (isEmitter(value)) push(to, value);
}

function addOwn(to: EventEmitter[], object: object, names: readonly PropertyKey[]): void {
  for (let i = 0; i < names.length; i++) add(to, own(object, names[i] as PropertyKey));
}

/** The emitters that belong to one. */
export function partsOf(emitter: object): EventEmitter[] {
  const parts: EventEmitter[] = [];
  addOwn(parts, emitter, PARTS);
  return parts;
}

/** Notes that `driven` has its events from `driver`, which does not tell by itself. */
export function noteDriver(driven: EventEmitter, driver: unknown): void {
  if (!isEmitter(driver)) return;
  drivenBy.set(driver, withRef(drivenBy.get(driver), driven));
}

function withRef(
  refs: readonly WeakRef<EventEmitter>[] = [],
  emitter: EventEmitter,
): WeakRef<EventEmitter>[] {
  const all = filter(refs, (ref) => ref.deref() !== undefined);
  push(all, new WeakRef(emitter));
  return all;
}

/** Notes that a cluster tells of the events of `worker`, among those of others. */
export function noteWorker(cluster: EventEmitter, worker: EventEmitter): void {
  noteDriver(cluster, worker);
  workersOf.set(cluster, withRef(workersOf.get(cluster), worker));
}

/** The emitters whose events come in one order with those of this one. */
export function kinOf(emitter: EventEmitter): readonly EventEmitter[] {
  const found = [emitter];
  let most = MOST;
  for (let i = 0; i < found.length && found.length < most; i++) {
    const workers = workersOf.get(found[i] as EventEmitter) ?? [];
    for (const worker of each(workers)) addTo(found, worker.deref());
    most += 2 * workers.length;
    const near = nextTo(found[i] as EventEmitter);
    for (let j = 0; j < near.length; j++) addTo(found, near[j]);
  }
  return slice(found, 1);
}

function addTo(found: EventEmitter[], one: EventEmitter | undefined): void {
  if (one !== undefined && !includes(found, one) && !isKeptAlive(one)) push(found, one);
}

/** Those that it has its events from, or they from it, with nothing in between. */
function nextTo(emitter: EventEmitter): readonly EventEmitter[] {
  const near = partsOf(emitter);
  addOwn(near, emitter, KIN);
  add(near, answerTo(emitter));
  const parser = own(emitter, 'parser');
  if (isObject(parser)) add(near, own(parser, 'incoming'));
  if (call(isInChainOf, Worker.prototype, emitter)) addStreams(near, emitter);
  const driven = drivenBy.get(emitter) ?? [];
  for (let i = 0; i < driven.length; i++) add(near, driven[i]?.deref());
  return near;
}

/** Adds the streams that a Worker has made. */
function addStreams(to: EventEmitter[], worker: EventEmitter): void {
  const symbol = symbolNamed(worker, 'kParentSideStdio');
  const streams = symbol && own(worker, symbol);
  if (isObject(streams)) addOwn(to, streams, PARTS);
}

/** True for a socket that goes on to other requests: these wait for no listener of this one. */
function isKeptAlive(socket: EventEmitter): boolean {
  const message = own(socket, '_httpMessage');
  if (message === undefined) return false;
  const { destroyed, writableEnded } = socket as Partial<Duplex>;
  if (destroyed === true || writableEnded === true) return false;
  return !isObject(message) || own(message, 'shouldKeepAlive') === true;
}

/** The message by which a server answers a request, until it is sent, or the client has asked for a response. */
function answerTo(message: object): unknown {
  const socket = own(message, 'socket');
  const answer = isObject(socket) ? own(socket, '_httpMessage') : undefined;
  if (!isObject(answer)) return undefined;
  return own(answer, 'req') === message || own(answer, 'res') === message ? answer : undefined;
}

/** True for a request that a server of http gets, or a response that a client gets. */
export const isMessage = (thing: object): boolean =>
  own(thing, 'complete') !== undefined && 'socket' in thing;

/** The socket of a request that is not yet answered, or of a response that is not read to its end; undefined for all else. */
export function connectionOf(message: object): Readable | undefined {
  const socket = own(message, 'socket');
  if (!isEmitter(socket)) return undefined;
  const isUnderWay =
    own(message, 'req') === undefined
      ? isObject(own(socket, '_httpMessage'))
      : answerTo(message) !== undefined && !(message as Readable).readableEnded;
  return isUnderWay ? (socket as Duplex) : undefined;
}

/** True for such a message that has come wholly. */
export const isComplete = (message: object): boolean => own(message, 'complete') === true;

/** True for two whose events come in one order. */
export function areKin(one: object, other: object): boolean {
  if (!isEmitter(one) || !isEmitter(other)) return false;
  return includes(kinOf(one), other) || includes(kinOf(other), one) || isSessionOf(one, other);
}

/** True for a stream of HTTP/2. */
export const isHttp2Stream = (stream: object): boolean => RST_CODE in stream;

/** The streams of a session are independent, but nothing of them comes before what it has told. */
const isSessionOf = (session: object, stream: object): boolean =>
  isHttp2Stream(stream) && Reflect.get(stream, 'session') === session;

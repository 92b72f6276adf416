// An emitter whose events wait for suspended pieces; see held-events.ts for the rules. More than 400 lines, since it is one class
// whose private state all its methods share.
import type { ChildProcess } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import type { Duplex, Readable } from 'node:stream';
import { asyncScopeHere, type Scope } from '../../runtime/base/async-scope.js';
import { builtin } from '../../runtime/base/builtins.js';
import type { AnyFunction } from '../../runtime/base/disguise.js';
import { call, filter, includes, slice, some } from '../../runtime/base/primordials.js';
import { afterMicrotasks, isOnCarrier } from '../../runtime/suspension/native-core.js';
import { adopt, isAdopted } from './adopt.js';
import { ChunkScopes } from './chunk-scopes.js';
import { Cover, coveredBy, type Name, prototypeBelow } from './emitter-cover.js';
import { entersTask } from './emitter-listeners.js';
import { Held, type Keeper, type Waiting } from './held.js';
import { isInterface, lineMethod } from './held-interface.js';
import { type EventName, isTransform, KeptEvent, KeptFromAll, type OfEmitter } from './kept-event.js';
import { KeptCall, KeptDestroy, KeptWork } from './kept-work.js';
import { isHttp2Stream, isMessage } from './kin.js';
import { emitTo, registered } from './late-listeners.js';
import { emitSeen, isTaken } from './seen-first.js';
import { comesApart } from './serving.js';
import {
  askAgain,
  flow,
  hasMore,
  isGivenToChild,
  type StreamState,
  stateOf,
  stop,
  unread,
} from './stopped-streams.js';

const { prototype: worker } = builtin<typeof import('node:worker_threads')>('worker_threads').Worker;
const { isPrototypeOf: isInChainOf } = Object.prototype;
const { on, removeListener } = builtin<typeof import('node:events')>('events').EventEmitter.prototype;

/** Come again and again, and tell nothing to a listener that is added later. */
const REPEATED = new Set<EventName>(['readable']);
/** The same, within a call of the program itself. */
const PASSING = new Set<EventName>(['removeListener', 'pause', 'resume']);
/** Go by if Node itself listens; kept, and the source paused, if it does not. */
const FLOWING = new Set<EventName>(['data', 'keypress']);
/** More would come, and no listener takes it: the stream, or the input, is stopped. */
const SOURCES = new Set<EventName>(['data', 'line']);
/** The events by which a server of http gets requests. */
const REQUESTS = ['request', 'upgrade', 'connect', 'checkContinue', 'checkExpectation'];
const nothing = (): void => {};

/** An emitter that suspended pieces have made or were given. */
export class HeldEmitter extends Held implements OfEmitter {
  readonly thing: EventEmitter;
  readonly endsByError = true;
  /** The child whose output it is. */
  child: EventEmitter | undefined;
  readonly #cover: Cover;
  /** Whether it listens to 'newListener'. */
  #isWatching = false;
  #isClosing = false;
  #readsLaterIn: Scope | undefined;
  #isAskedLater = false;
  /** True for a message of http that came in part, and is destroyed when the code has read that. */
  #isCutOff = false;
  #emits: EventName | undefined;
  /** How many lines wait that may answer a question. */
  #linesWaiting = 0;
  /** True while Node takes a line of the input. */
  takesLine = false;

  private constructor(emitter: EventEmitter) {
    super();
    this.thing = emitter;
    this.#cover = new Cover(this);
  }

  /** That of an emitter. */
  static of(emitter: EventEmitter): HeldEmitter {
    return HeldEmitter.#find(emitter) ?? new HeldEmitter(emitter);
  }

  static #find(emitter: EventEmitter): HeldEmitter | undefined {
    return coveredBy(emitter) as HeldEmitter | undefined;
  }

  /** Comes between the emitter and the code that emits. */
  override cover(): void {
    if (!this.#cover.isOn) {
      // Not known by its prototype any more when it is on its way to the program.
      adopt(this.thing);
      this.#cover.put();
    }
    this.#watchListeners();
  }

  covers(name: Name): boolean {
    switch (name) {
      case 'emit':
      case 'destroy':
        return true;
      case 'push':
      case 'read':
        return stateOf(this.thing) !== undefined;
      case '_read':
        return Object.hasOwn(this.thing, name);
      case 'resume':
        return this.child !== undefined;
      case 'listenerCount':
        return this.#askedFor.length > 0;
      case 'removeAllListeners':
        return call(isInChainOf, worker, this.thing);
      default:
        return isInterface(this.thing);
    }
  }

  /** Does the work of a covered method. */
  do(name: Name, args: readonly unknown[]): unknown {
    switch (name) {
      case 'emit':
        return this.#emit(args);
      case 'destroy':
        return this.#destroy(args);
      case 'push':
        return this.#push(args);
      case 'read':
        return this.#read(args);
      case '_read':
        return this.#ask(args);
      case 'resume':
        return this.#resume();
      case 'listenerCount':
        return this.#listenerCount(args);
      case 'removeAllListeners':
        return this.#removeAllListeners(args);
      case 'close':
        return this.#close();
      default:
        return this.#line(args);
    }
  }

  /** Leaves the emitter as it was. */
  override uncover(): void {
    if (!this.#cover.isOn) return;
    const inScope = this.#readsLaterIn;
    if (inScope !== undefined) {
      this.#readsLaterIn = undefined;
      afterMicrotasks(() => inScope(() => this.#tellReaders()));
    }
    if (this.#isWatching) {
      this.#isWatching = false;
      call(removeListener, this.thing, 'newListener', nothing);
    }
    this.#cover.take();
  }

  override entered(waiting: Waiting): void {
    super.entered(waiting);
    this.#countLine(waiting, 1);
    this.#watchListeners();
  }

  override left(waiting: Waiting): void {
    super.left(waiting);
    this.#countLine(waiting, -1);
  }

  #countLine(waiting: Waiting, change: 1 | -1): void {
    if (waiting instanceof KeptEvent && waiting.mayAnswer) this.#linesWaiting += change;
  }

  /** While something waits: the emitter emits 'newListener' only if it has a listener. */
  #watchListeners(): void {
    const { thing: emitter } = this;
    if (!this.#cover.isOn || this.waiting === 0) return;
    // One of the program's would be told of ours.
    if (registered(emitter, 'newListener').length > 0) return;
    this.#isWatching = true;
    call(on, emitter, 'newListener', nothing);
  }

  emitNow(args: readonly unknown[]): boolean {
    const before = this.#emits;
    this.#emits = args[0] as EventName;
    try {
      return emitSeen(this.thing, () => this.#cover.callBelow('emit', args)) as boolean;
    } finally {
      this.#emits = before;
    }
  }

  /** True while it emits an event whose listeners do not wait for those of others. */
  get emitsApart(): boolean {
    return comesApart(this.thing, this.#emits);
  }

  #closeNow(): void {
    // Closing emits 'pause' first, with which all that waits may be given: a second end.
    if (this.#isClosing) return;
    this.#isClosing = true;
    // A program that closes it asks no more.
    if (!isOnCarrier()) this.giveAll();
    try {
      this.#cover.callBelow('close', []);
    } finally {
      this.#isClosing = false;
    }
  }

  /**
   * The program has destroyed or stopped an emitter: it gets no more of those events, but for those that Node's own listeners have got,
   * since one of them may have had it destroyed: an iterator of the stream at its end.
   * @param isKept - true if it gets them all the same; asked only if something waits
   */
  static drop(
    emitter: EventEmitter,
    events: readonly EventName[],
    isKept: (emitter: EventEmitter) => boolean = () => false,
  ): void {
    const held = HeldEmitter.#find(emitter);
    if (held === undefined || held.waiting === 0 || isKept(emitter)) return;
    for (const owner of held.owners)
      owner.take(
        held,
        ({ event, isKnownToNode }) =>
          event !== undefined && includes(events, event) && isKnownToNode !== true,
      );
  }

  /** Has a callback wait as an event with a listener does. @returns false if it is to be called now */
  static keepsCallback(emitter: EventEmitter, callback: () => unknown): boolean {
    const held = HeldEmitter.#find(emitter);
    if (held === undefined) return false;
    // A program that calls back goes on when its callback is done, unless one before it is not.
    if (isOnCarrier() && held.waiting === 0 && !HeldEmitter.keepsOrder(emitter)) return false;
    const queue = held.giving ?? held.queueFor();
    // Node has an older message of http call the callback of its end() as a listener of 'finish'.
    if (queue === undefined || queue.isCallingNext) return false;
    // That 'drain' tells of, too.
    const event = 'drain';
    if (!queue.hasEnded && !queue.holdsForAll(held, event)) return false;
    if (!queue.keep(new KeptCall(held, callback, { event, followsBytes: isTransform(emitter) })))
      return false;
    if (!queue.hasEnded) queue.losePatienceSoon(held);
    return true;
  }

  /**
   * By Node, after 'end' or 'finish': a listener of that event finds the stream as it was. By Node, when a child has exited: the code
   * that has made the child may write to it all the same, and hear of the error. By Node, of a stream of HTTP/2 that is answered: the
   * code that answered it may ask for its session. And by Node, of a message of http whose connection has failed: what came of it before
   * is for the code that has it.
   * @returns false if it is to be destroyed now
   */
  static keepsDestroy(stream: EventEmitter, args: readonly unknown[], destroy: () => unknown): boolean {
    if (isOnCarrier() || (args.length > 0 && !isMessage(stream))) return false;
    const held = HeldEmitter.#find(stream);
    const keeper = held?.keeper;
    if (held === undefined || !keeper?.isSuspended) return false;
    if (args.length > 0) {
      const isKept = keeper.holdsForAll(held, 'aborted') && keeper.keep(new KeptDestroy(held, destroy));
      held.#isCutOff ||= isKept;
      return isKept;
    }
    const { readableEnded, writableFinished } = stream as Partial<Duplex>;
    const isAtEnd = readableEnded === true || writableFinished === true;
    const isKept =
      (isAtEnd && keeper.keepsOrderOf(held)) ||
      ((held.#isInputOfExited || isHttp2Stream(stream)) && keeper.holdsForAll(held, 'close'));
    return isKept && keeper.keep(new KeptDestroy(held, destroy));
  }

  get #isInputOfExited(): boolean {
    const child = this.child as Partial<ChildProcess> | undefined;
    return child?.stdin === this.thing && (child.exitCode !== null || child.signalCode !== null);
  }

  /** Reads for a call of aevent's that waits by itself: it need not be told of bytes that it has not got. */
  static read(stream: Readable, size?: number): unknown {
    const held = HeldEmitter.#find(stream);
    return held === undefined ? stream.read(size) : held.#cover.callBelow('read', [size]);
  }

  /** True if an event waits that the emitter has emitted. */
  static keeps(emitter: EventEmitter, event: EventName): boolean {
    const held = HeldEmitter.#find(emitter);
    return held?.ownerThatHas(event) !== undefined;
  }

  /** True while a listener of it is suspended where plain Node blocks. */
  static keepsOrder(emitter: EventEmitter): boolean {
    const held = HeldEmitter.#find(emitter);
    return held?.keeper?.keepsOrderOf(held) === true;
  }

  /** A question is open from now on: a line that waits may be its answer. */
  static asked(emitter: EventEmitter): void {
    HeldEmitter.#find(emitter)?.giveDueSoon();
  }

  #close(): void {
    const { keeper, giving } = this;
    const waits = keeper?.isSuspended && keeper.isBounded && !isOnCarrier();
    const queue = waits ? this.lastQueue() : giving;
    const close = (): void => this.#closeNow();
    // The piece may have more to ask, for which there are lines.
    if (isOnCarrier() || !queue?.keep(new KeptWork(this, close, (bounded) => !bounded))) close();
  }

  /** A line that would answer a question does not overtake those that wait. */
  #line(args: readonly unknown[]): void {
    const queue = this.#linesWaiting > 0 && !isOnCarrier() ? this.lastQueue() : undefined;
    this.takesLine = true;
    try {
      const kept = queue && this.#linesWaiting > 0 ? new KeptEvent(this, 'line', args, []) : undefined;
      if (kept !== undefined && queue?.keep(kept, args)) queue.giveDueSoon();
      else this.#cover.callBelow(lineMethod(), args);
    } finally {
      this.takesLine = false;
    }
  }

  #emit(args: readonly unknown[]): boolean {
    const event = args[0] as EventName;
    const rest = slice(args, 1);
    if (isTaken(this.thing, args)) return true;
    // The program is not told of a listener of ours.
    if (event === 'removeListener' && args[2] === nothing) return true;
    if (event === 'newListener') {
      this.giveDueSoon();
      return this.emitNow(args);
    }
    if (event === 'resume') for (const owner of this.owners) owner.flowsHere(this.thing);
    // From a stream that does not flow the bytes come by read(), and its caller has got them already.
    const flows = event === 'data' ? Reflect.get(this.thing, 'readableFlowing') : true;
    if (flows === false || flows === null || PASSING.has(event)) return this.emitNow(args);
    if (REPEATED.has(event) && this.keeper?.keepsOrderOf(this) !== true) return this.emitNow(args);
    const { giving } = this;
    if (event === 'close' && this.#isKeptClosing(rest, giving)) return true;
    const heardBy = registered(this.thing, event);
    // Bytes are not kept from a program that may read the next ones itself.
    const isLast = giving !== undefined && !FLOWING.has(event);
    if (isLast && this.#isKeptForAll(event, rest, heardBy, giving)) return true;
    const queue = this.queueFor(FLOWING.has(event));
    if (queue === undefined) return this.emitNow(args);
    // After resume() the program wants no data, unless it goes on to listen, which it does before anything comes in plain Node.
    if (event === 'data' && heardBy.length === 0 && !queue.blocks && stateOf(this.thing) !== undefined)
      return this.emitNow(args);
    if (this.#isKeptConnection(event, rest, queue)) return true;
    if (this.#isKeptForAll(event, rest, heardBy, queue)) return true;
    const passes = some(heardBy, entersTask) || (heardBy.length > 0 && FLOWING.has(event));
    if (event === 'data' && !passes && !isOnCarrier() && this.#isUnread(rest[0], queue)) return false;
    const mayWait = !passes || (!FLOWING.has(event) && queue.keepsForLater(this, event));
    const waiting = mayWait ? new KeptEvent(this, event, rest, heardBy) : undefined;
    const kept = waiting && queue.keep(waiting, rest, heardBy.length > 0) ? waiting : undefined;
    if (heardBy.length > 0 || kept === undefined) {
      // Node's listener of the bytes may bring events of another emitter, which wait themselves.
      const isHeard = some(heardBy, entersTask);
      return this.giveNow(queue, kept, isHeard, () => this.emitNow(args));
    }
    if (SOURCES.has(event)) this.stop(queue);
    return event === 'error' || event === 'response' || this.asksFor(event);
  }

  /** True if the listeners of the program have to wait, too, whenever they were added; Node's own get the event. */
  #isKeptForAll(
    event: EventName,
    args: readonly unknown[],
    heardBy: readonly AnyFunction[],
    queue: Keeper,
  ): boolean {
    // A program that emits goes on when its listeners are done. Node never calls those of 'readable' for it, but in a tick.
    if (isOnCarrier() && !REPEATED.has(event)) return false;
    if (!(queue.hasEnded || queue.holdsForAll(this, event))) return false;
    const nodes = filter(heardBy, (listener) => !entersTask(listener));
    if (nodes.length > 0 && FLOWING.has(event)) return false;
    if (nodes.length === heardBy.length && !queue.hasEnded) return false;
    if (event === 'data' && this.#isUnread(args[0], queue)) return true;
    const kept = new KeptEvent(this, event, args, nodes);
    // They come before those of the program, and so does what they emit: a worker's events after those of its process.
    if (nodes.length > 0) emitTo(this.thing, nodes, event, args);
    if (!queue.keep(kept, args)) {
      if (nodes.length > 0) kept.give();
      return nodes.length > 0;
    }
    if (!queue.hasEnded) queue.losePatienceSoon(this);
    if (nodes.length === 0 && !queue.hasEnded && SOURCES.has(event)) this.stop(queue);
    return true;
  }

  /** A chunk waits best in its stream, where it is for whatever the program does with that next. */
  #isUnread(chunk: unknown, queue: Keeper): boolean {
    this.stop(queue);
    return unread(this.thing as Partial<Readable>, chunk);
  }

  /**
   * True if a listener is suspended that comes before it, in plain Node, or is yet to be called. Node goes on with that event, too, such as
   * with the 'close' of a child.
   */
  #isKeptClosing(args: readonly unknown[], giving: Keeper | undefined): boolean {
    const { keeper } = this;
    const queue = keeper?.isSuspended && keeper.keepsOrderOf(this) ? keeper : giving;
    return !isOnCarrier() && queue?.keep(new KeptFromAll(this, 'close', args), args) === true;
  }

  /** True if a server of http has a connection and listens for no requests, or its piece is soon to do more. */
  #isKeptConnection(event: EventName, args: readonly unknown[], queue: Keeper): boolean {
    const isConnection = event === 'connection' || event === 'secureConnection';
    if (!isConnection || isOnCarrier() || !Object.hasOwn(this.thing, 'headersTimeout')) return false;
    if (this.answers ? !queue.holdsForAll(this, event) : !queue.isBounded) return false;
    // Node would answer its requests by itself.
    const kept = new KeptFromAll(this, event, args, () => this.answers);
    if (!queue.keep(kept, args)) return false;
    queue.losePatienceSoon(this);
    return true;
  }

  /** True if a server of http listens for requests of any kind. */
  get answers(): boolean {
    return some(REQUESTS, (event) => registered(this.thing, event).length > 0);
  }

  override get hasReader(): boolean {
    return some(registered(this.thing, 'data'), entersTask);
  }

  /** Of an interface, the input. */
  override stop(queue: Keeper): void {
    const source: unknown = isInterface(this.thing) ? Reflect.get(this.thing, 'input') : this.thing;
    if (stop(source)) queue.hasStopped(source, this);
  }

  /** By Node, of a child's output when the child has exited: it throws away data without a reader. */
  #resume(): unknown {
    const { child, keeper: queue, thing: stream } = this;
    const isRead = registered(stream, 'data').length > 0 || registered(stream, 'readable').length > 0;
    const resume = (): unknown => this.#cover.callBelow('resume', []);
    if (queue?.isSuspended && child !== undefined && !isOnCarrier() && !isRead) {
      // A child is closed when its output was read.
      const isDue = (bounded: boolean): boolean => !bounded && registered(child, 'close').length > 0;
      const resumeUnlessGiven = (): unknown => isGivenToChild(stream) || resume();
      if (queue.keep(new KeptWork(this, resumeUnlessGiven, isDue))) return stream;
    }
    resume();
    return stream;
  }

  #push(args: readonly unknown[]): unknown {
    const { thing: stream } = this;
    // Node ends a response whose connection has gone, unless it is destroyed.
    if (args[0] === null && this.#isCutOff) return false;
    const push = (): unknown => {
      const result = this.#cover.callBelow('push', args);
      // A request has come wholly.
      if (args[0] === null) for (const owner of this.owners) owner.stopConnections();
      return result;
    };
    // One that flows emits it at once.
    if ((stream as Readable).readableFlowing === true) return push();
    this.chunkScopes ??= new ChunkScopes(stateOf(stream) as StreamState);
    return this.chunkScopes.push(args[0] === null, push);
  }

  /** By Node, which asks a stream of the program's own for more: the part of the stream that is suspended may push more, or the end. */
  #ask(args: readonly unknown[]): unknown {
    const { keeper, thing } = this;
    const waits = !isOnCarrier() && keeper?.isSuspended && keeper.keepsOrderOf(this);
    const askLater = (): void => {
      // Node has asked again when the part has pushed more.
      if (this.#isAskedLater) askAgain(thing as Readable);
    };
    this.#isAskedLater = waits === true && keeper.keep(new KeptWork(this, askLater));
    return this.#isAskedLater ? undefined : this.#cover.callBelow('_read', args);
  }

  /** By other code than the listener that is suspended: in plain Node the next bytes are read after it has returned. */
  #read(args: readonly unknown[]): unknown {
    const { keeper } = this;
    if (args[0] === 0 || !keeper?.isSuspended || !keeper.keepsOrderOf(this))
      return this.#cover.callBelow('read', args);
    this.#readsLaterIn ??= asyncScopeHere('HeldEvent');
    return null;
  }

  /** Tells such code of the bytes. */
  #tellReaders(): void {
    const stream = this.thing as Readable;
    if (stream.readableFlowing === true) flow(stream, () => this.chunkScopes?.next());
    else if (hasMore(stream)) stream.emit('readable');
  }

  #destroy(args: readonly unknown[]): unknown {
    const destroy = (): unknown => this.#cover.callBelow('destroy', args);
    return HeldEmitter.keepsDestroy(this.thing, args, destroy) ? this.thing : destroy();
  }

  /** By Node, of a Worker that has exited: the listeners have not got the events that wait for them. */
  #removeAllListeners(args: readonly unknown[]): unknown {
    const remove = (): unknown => this.#cover.callBelow('removeAllListeners', args);
    if (!isOnCarrier()) {
      // A listener that is given an event may be suspended, and the rest waits on.
      const queue = this.queueFor() ?? this.ownerThatHas();
      if (this.waiting > 0 && queue?.keep(new KeptWork(this, remove))) return this.thing;
    }
    remove();
    return this.thing;
  }

  /** The events that Node emits only if they have a listener: of http's messages and domains, messages to a child. */
  get #askedFor(): readonly EventName[] {
    const has = (name: string): boolean => Object.hasOwn(this.thing, name);
    if (has('complete') && has('aborted')) return ['error'];
    if (this.#isDomain) return ['error'];
    if (has('upgradeOrConnect')) return ['upgrade', 'connect'];
    return has('spawnfile') ? ['message'] : [];
  }

  get #isDomain(): boolean {
    return Object.hasOwn(this.thing, 'members') && 'intercept' in this.thing;
  }

  /** True for an event that Node emits only if it has a listener. */
  asksFor(event: EventName): boolean {
    return includes(this.#askedFor, event);
  }

  #listenerCount(args: readonly unknown[]): unknown {
    if (this.asksFor(args[0] as EventName) && this.keeper?.isSuspended && !isOnCarrier()) return 1;
    return this.#cover.callBelow('listenerCount', args);
  }

  /** True if Node itself listens to an event of an object of its own. */
  isListenedToByNode(event: EventName): boolean {
    if (!isAdopted(prototypeBelow(this.thing))) return false;
    return some(registered(this.thing, event), (listener) => !entersTask(listener));
  }

  /** True for an error that may go unheard, as it would not have been emitted. */
  mayDrop(event: EventName): boolean {
    return (
      event === 'error' &&
      this.asksFor(event) &&
      !this.#isDomain &&
      registered(this.thing, event).length === 0
    );
  }
}

// An emitter whose events wait for suspended pieces; see held-events.ts for the rules. More than 400 lines, since it is one class
// whose private state all its methods share.
import type { EventEmitter } from 'node:events';
import type { Duplex, Readable } from 'node:stream';
import { asyncScopeHere } from '../../runtime/base/async-scope.js';
import { builtin } from '../../runtime/base/builtins.js';
import type { AnyFunction } from '../../runtime/base/disguise.js';
import { call, each, filter, find, includes, slice, some } from '../../runtime/base/primordials.js';
import { isOnCarrier } from '../../runtime/suspension/native-core.js';
import { adopt, isAdopted } from './adopt.js';
import { Cover, coveredBy, type Name, prototypeBelow } from './emitter-cover.js';
import { entersTask } from './emitter-listeners.js';
import { Held, type Keeper, type Waiting } from './held.js';
import { answer, isAsked, isInterface, lineMethod } from './held-interface.js';
import { KeptCall, KeptWork } from './kept-work.js';
import { addedSince, emitTo, registered } from './late-listeners.js';
import { emitSeen, isTaken } from './seen-first.js';
import { comesApart } from './serving.js';
import { isGivenToChild, stop, unread } from './stopped-streams.js';

const { prototype: worker } = builtin<typeof import('node:worker_threads')>('worker_threads').Worker;
const { isPrototypeOf: isInChainOf } = Object.prototype;
const { on, removeListener } = builtin<typeof import('node:events')>('events').EventEmitter.prototype;

type EventName = string | symbol;

/** Come again and again, and tell nothing to a listener that is added later. */
const REPEATED = new Set<EventName>(['readable']);
/** The same, within what the program itself does. */
const PASSING = new Set<EventName>(['removeListener', 'pause', 'resume']);
/** Go by if Node itself listens; kept, and the source paused, if it does not. */
const FLOWING = new Set<EventName>(['data', 'keypress']);
/** More would come, and no listener takes it: what brings them is stopped. */
const SOURCES = new Set<EventName>(['data', 'line']);
/** The events by which a server of http gets requests. */
const REQUESTS = ['request', 'upgrade', 'connect', 'checkContinue', 'checkExpectation'];
const nothing = (): void => {};

/** An event, for those who did not listen when it was emitted. */
class KeptEvent implements Waiting {
  readonly held: HeldEmitter;
  readonly event: EventName;
  readonly #args: readonly unknown[];
  /** True if other listeners have got it. */
  readonly wasHeard: boolean;
  #heardBy: readonly AnyFunction[];
  /** True if Node's own listeners have not had it either. */
  protected readonly isForNode: boolean = false;
  /** True for the end of the input, without a line feed: Node emits it, but it answers no question. */
  readonly #isEnd: boolean;
  /** Has the stores that the listeners find. */
  readonly #inScope = asyncScopeHere('HeldEvent');

  constructor(
    held: HeldEmitter,
    event: EventName,
    args: readonly unknown[],
    heardBy: readonly AnyFunction[],
  ) {
    this.held = held;
    this.event = event;
    this.#args = args;
    this.#heardBy = heardBy;
    this.wasHeard = heardBy.length > 0;
    this.#isEnd = event === 'line' && !held.takesLine;
  }

  isDue(): boolean {
    if (this.#late().length > 0) return true;
    return this.mayAnswer && isAsked(this.held.thing);
  }

  /** True for a line that no listener has got: the next question is its. */
  get mayAnswer(): boolean {
    return this.event === 'line' && !this.wasHeard && !this.#isEnd;
  }

  isHeard(): boolean {
    return this.isDue() || (!this.wasHeard && registered(this.held.thing, this.event).length > 0);
  }

  renew(): void {
    this.#heardBy = registered(this.held.thing, this.event);
  }

  give(): void {
    this.#inScope(() => this.#give());
  }

  forLater(): KeptEvent | undefined {
    return new KeptEvent(this.held, this.event, this.#args, registered(this.held.thing, this.event));
  }

  #late(): readonly AnyFunction[] {
    return filter(addedSince(this.#heardBy, registered(this.held.thing, this.event)), entersTask);
  }

  #give(): void {
    const { thing: emitter } = this.held;
    if (this.wasHeard) {
      const late = this.#late();
      if (late.length > 0) emitTo(emitter, late, this.event, this.#args);
    } else if (this.held.mayDrop(this.event)) {
      // No listener wanted it.
    } else if (this.mayAnswer && isAsked(emitter)) {
      answer(emitter, this.#args);
    } else if (!this.isForNode && this.held.isListenedToByNode(this.event)) {
      // It has added its own since, and would not have heard the event in plain Node.
      const late = this.#late();
      if (late.length > 0) emitTo(emitter, late, this.event, this.#args);
    } else if (!this.held.emitNow([this.event, ...each(this.#args)])) this.#dismiss();
  }

  /** Does what Node's client does where there is no listener. */
  #dismiss(): void {
    if (this.event === 'response') (this.#args[0] as { _dump?(): void })._dump?.();
    else if (this.held.asksFor(this.event)) (this.#args[1] as { destroy?(): void } | undefined)?.destroy?.();
  }
}

/** An event that Node's own listeners have not had either. */
class KeptFromAll extends KeptEvent {
  protected override readonly isForNode = true;
  readonly #isDue: () => boolean;

  constructor(held: HeldEmitter, event: EventName, args: readonly unknown[], isDue = (): boolean => true) {
    super(held, event, args, []);
    this.#isDue = isDue;
  }

  override isDue(): boolean {
    return this.#isDue();
  }

  override forLater(): undefined {}
}

/** An emitter that suspended pieces have made or were given. */
export class HeldEmitter extends Held {
  readonly thing: EventEmitter;
  readonly endsByError = true;
  /** The child whose output it is. */
  child: EventEmitter | undefined;
  readonly #cover: Cover;
  /** Whether it listens to 'newListener'. */
  #isWatching = false;
  #isClosing = false;
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
   * The program has destroyed or stopped an emitter: it gets no more of those events.
   * @param isKept - true if it gets them all the same; asked only if something waits
   */
  static drop(
    emitter: EventEmitter,
    events: readonly EventName[],
    isKept: (emitter: EventEmitter) => boolean = () => false,
  ): void {
    const held = HeldEmitter.#find(emitter);
    if (held === undefined || held.waiting === 0 || isKept(emitter)) return;
    for (const owner of each(held.owners))
      owner.take(held, ({ event }) => event !== undefined && includes(events, event));
  }

  /** Has a callback wait as an event with a listener does. @returns false if it is to be called now */
  static keepsCallback(emitter: EventEmitter, callback: () => unknown): boolean {
    const held = isOnCarrier() ? undefined : HeldEmitter.#find(emitter);
    const queue = held?.giving ?? held?.queueFor();
    if (held === undefined || queue === undefined) return false;
    // That 'drain' tells of, too.
    const event = 'drain';
    if (!queue.hasEnded && !queue.holdsForAll(held, event)) return false;
    if (!queue.keep(new KeptCall(held, callback, { event }))) return false;
    if (!queue.hasEnded) queue.losePatienceSoon(held);
    return true;
  }

  /** True if an event waits that the emitter has emitted. */
  static keeps(emitter: EventEmitter, event: EventName): boolean {
    const held = HeldEmitter.#find(emitter);
    return held !== undefined && some(held.owners, (owner) => owner.has(held, event));
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
    if (event === 'newListener') {
      this.giveDueSoon();
      return this.emitNow(args);
    }
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
    const queue = this.queueFor();
    if (queue === undefined) return this.emitNow(args);
    if (this.#isKeptConnection(event, rest, queue)) return true;
    if (this.#isKeptForAll(event, rest, heardBy, queue)) return true;
    const passes = some(heardBy, entersTask) || (heardBy.length > 0 && FLOWING.has(event));
    if (event === 'data' && !passes && !isOnCarrier() && this.#isUnread(rest[0], queue)) return false;
    const mayWait = !passes || (!FLOWING.has(event) && queue.keepsForLater(this, event));
    const waiting = mayWait ? new KeptEvent(this, event, rest, heardBy) : undefined;
    const kept = waiting && queue.keep(waiting, rest, heardBy.length > 0) ? waiting : undefined;
    if (heardBy.length > 0 || kept === undefined)
      return this.giveNow(queue, kept, passes, () => this.emitNow(args));
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
    // A program that emits goes on when its listeners are done.
    if (isOnCarrier() || !(queue.hasEnded || queue.holdsForAll(this, event))) return false;
    const nodes = filter(heardBy, (listener) => !entersTask(listener));
    if (nodes.length > 0 && FLOWING.has(event)) return false;
    if (nodes.length === heardBy.length && !queue.hasEnded) return false;
    if (event === 'data' && this.#isUnread(args[0], queue)) return true;
    const kept = new KeptEvent(this, event, args, nodes);
    if (!queue.keep(kept, args)) return false;
    if (!queue.hasEnded) queue.losePatienceSoon(this);
    if (nodes.length > 0) emitTo(this.thing, nodes, event, args);
    else if (!queue.hasEnded && SOURCES.has(event)) this.stop(queue);
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

  /** By Node, after 'end' or 'finish': a listener of that event finds the stream as it was. */
  #destroy(args: readonly unknown[]): unknown {
    const { keeper, thing: stream } = this;
    const { readableEnded, writableFinished } = stream as Partial<Duplex>;
    const isLast = args.length === 0 && (readableEnded === true || writableFinished === true);
    const waits = isLast && !isOnCarrier() && keeper?.isSuspended && keeper.keepsOrderOf(this);
    const destroy = (): unknown => this.#cover.callBelow('destroy', args);
    return waits && keeper.keep(new KeptWork(this, destroy)) ? stream : destroy();
  }

  /** By Node, of a Worker that has exited: the listeners have not got the events that wait for them. */
  #removeAllListeners(args: readonly unknown[]): unknown {
    const remove = (): unknown => this.#cover.callBelow('removeAllListeners', args);
    if (!isOnCarrier()) {
      // A listener that is given what waits may be suspended, and the rest waits on.
      const queue = this.queueFor() ?? find(this.owners, (owner) => owner.has(this));
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

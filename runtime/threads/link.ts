// This thread's side of one that works for it (thread-main.ts). A call suspends the task that makes it; where nothing can be
// suspended it blocks, as the original does. Functions that the thread calls back run where the call was made.
import type { MessageChannel as Channel, MessagePort, Worker } from 'node:worker_threads';
import { builtin } from '../base/builtins.js';
import { AeventError, Cancelled } from '../base/errors.js';
import { each, exec, map, push, shift } from '../base/primordials.js';
import { uncancelled } from '../cancellation/checkpoint.js';
import { suspendBlocking } from '../io/stream-descriptors.js';
import { currentContext, runInContext } from '../suspension/context.js';
import { currentCarrier } from '../suspension/native-core.js';
import { hasPortal } from '../suspension/portal.js';
import { requireStack } from '../suspension/stack-room.js';
import { enterInPlace, type Waiter } from '../suspension/suspension.js';
import { Task } from '../tasks/task.js';
import { decode, type Encoding, encode, encoding, type References } from './codec.js';
import { currentOwnerId, onOwnerGone, ownerOf } from './owner.js';
import { type Operation, Signal, type ToHost, type ToThread } from './protocol.js';
import { threadEnvironment, withoutAevent } from './thread-environment.js';

const {
  Worker: RealWorker,
  MessageChannel,
  receiveMessageOnPort,
} = builtin<typeof import('node:worker_threads')>('worker_threads');
const { fstatSync, statSync } = builtin<typeof import('node:fs')>('fs');
const { devNull } = builtin<typeof import('node:os')>('os');
const process = builtin<typeof import('node:process')>('process');
const { on } = builtin<typeof import('node:events')>('events').EventEmitter.prototype;

type Callback = Extract<ToHost, readonly ['callback', ...unknown[]]>;

/** One request that was not answered yet. */
interface Pending {
  readonly id: number;
  readonly callbacks: Callback[];
  /** The stack that waits. */
  waiter: Waiter<void> | undefined;
  /** It waits for something that this thread must do first: it does not keep the event loop going. */
  waits: boolean;
  outcome: { readonly ok: boolean; readonly value: unknown } | undefined;
  abandoned: boolean;
}

/** What a link does with the objects that it is sent. */
export interface LinkOptions {
  /** Names it in errors and in the task dump. */
  readonly name: string;
  readonly references?: (link: Link) => References;
  /** Milliseconds for which a call waits where it stands before it suspends. */
  readonly inlineMs: number;
  /** Called with what was let go of by the thread. */
  readonly onRelease?: (ids: readonly number[], counts: readonly number[]) => void;
  /** Carries out what the thread asks of an object or function of this one. */
  readonly perform?: (operation: Operation, target: number, args: readonly unknown[]) => unknown;
  readonly onSettled?: (promise: number, ok: boolean, value: unknown) => void;
  readonly onEnd?: () => void;
  readonly resourceLimits?: import('node:worker_threads').ResourceLimits;
}

/** How a call of a thread behaves. */
export interface RequestOptions {
  readonly what: string;
  /** Called when the caller was cancelled; by default the thread is told not to begin with it, if it has not. */
  readonly onCancel?: () => void;
}

/** Bundled, this file is evaluated in another folder of runtime/. */
const THREAD_MAIN = new URL(
  'runtime/threads/thread-main.js',
  exec(/^.*\/(?=runtime\/)/, import.meta.url)?.[0],
);
/** Milliseconds after which a stack that blocks looks whether the thread is still there. */
const LOOK_MS = 100;
/** A thread that has not come to its first line by then never will: its code is not loaded yet, and it does nothing else. */
const BOOT_MS = 60_000;

/** A thread that works for this one. */
export class Link {
  readonly name: string;
  readonly #options: LinkOptions;
  readonly #begun = performance.now();
  readonly #signals = new Int32Array(new SharedArrayBuffer(4 * Signal.size));
  readonly #port: MessagePort;
  readonly #wake: MessagePort;
  readonly #worker: Worker;
  readonly #references: References | undefined;
  readonly #pending = new Map<number, Pending>();
  /** By carrier: the callback that runs on its stack. */
  readonly #parents: (number | undefined)[] = [];
  #posted = 0;
  #received = 0;
  #lastId = 0;
  /** How many suspended calls keep the event loop going. */
  #holding = 0;
  #isHolding = false;
  #failure: AeventError | undefined;
  #holder = 0;
  #anyWaits = false;
  readonly #idleListeners: (() => void)[] = [];
  readonly #stopListening: () => void;
  /** Calls that are not waited for where they stand, since those before them were in vain. */
  #skip = 0;
  #misses = 0;

  constructor(options: LinkOptions) {
    this.name = options.name;
    this.#options = options;
    this.#references = options.references?.(this);
    // What the loop brings belongs to nothing, and not to the task that happens to need a thread first.
    const { messages, wakes, worker } = runInContext(undefined, () => this.#start());
    this.#port = messages.port1;
    this.#wake = wakes.port1;
    this.#worker = worker;
    // Its on() may be a replacement, whose listeners belong to tasks.
    this.#wake.onmessage = () => this.#drain();
    this.#wake.unref();
    this.#worker.unref();
    on.call(this.#worker, 'error', (error: Error) => this.#end(error));
    on.call(this.#worker, 'exit', (code: number) => this.#end(`it ended with code ${code}`));
    this.#stopListening = onOwnerGone((owner) => {
      if (owner === this.#holder) this.#post(['ownerEnded', owner], []);
    });
  }

  #start(): { messages: Channel; wakes: Channel; worker: Worker } {
    const options = this.#options;
    const messages = new MessageChannel();
    const wakes = new MessageChannel();
    const aevent = { signals: this.#signals, port: messages.port2, wake: wakes.port2 };
    const worker = new RealWorker(THREAD_MAIN, {
      workerData: { aevent },
      transferList: [messages.port2, wakes.port2],
      execArgv: withoutAevent(process.execArgv),
      env: threadEnvironment(),
      trackUnmanagedFds: true,
      name: options.name,
      ...(options.resourceLimits && { resourceLimits: options.resourceLimits }),
    });
    return { messages, wakes, worker };
  }

  /** Why nothing can be asked of it any more. */
  get failure(): AeventError | undefined {
    return this.#failure;
  }

  /** How many calls are under way or wait. */
  get load(): number {
    return this.#pending.size;
  }

  /** Ends the thread at once; its callers get an error that says so. */
  kill(why: string): void {
    this.#end(why);
    void this.#worker.terminate();
  }

  /** Calls `hear` when nothing is asked of the thread any more, or it has ended. */
  whenIdle(hear: () => void): void {
    push(this.#idleListeners, hear);
    this.#tellIdle();
  }

  #tellIdle(): void {
    if (this.#pending.size > 0) return;
    for (let hear = shift(this.#idleListeners); hear !== undefined; hear = shift(this.#idleListeners)) hear();
  }

  /** Lets go of objects of the thread's. */
  release(ids: readonly number[], counts: readonly number[]): void {
    if (this.#failure === undefined) this.#post(['release', ids, counts], []);
  }

  /** A new encoding, for {@link request}. */
  encoding(): Encoding {
    return encoding(this.#references);
  }

  /** Begins a request and gives its promise: for what is no synchronous call. */
  requestAsync(
    operation: Operation,
    args: readonly unknown[],
    transfer: readonly unknown[] = [],
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const pending = this.#begin(operation, args, transfer, false);
      this.hold(1);
      pending.waiter = {
        resolve: () => {
          this.hold(-1);
          try {
            resolve(this.#outcomeOf(pending));
          } catch (error) {
            reject(error);
          }
        },
        reject,
      };
    });
  }

  /**
   * Asks the thread for something and waits for the answer. Suspends in a task, else blocks.
   * @param args - encoded
   * @throws what the thread throws; {@link AeventError} `AEVENT_THREAD_ENDED`
   */
  request(
    operation: Operation,
    args: readonly unknown[],
    transfer: readonly unknown[],
    options: RequestOptions,
  ): unknown {
    requireStack();
    const suspends = hasPortal();
    if (suspends) currentContext()?.scope.throwIfCancelled();
    const pending = this.#begin(operation, args, transfer, !suspends);
    try {
      return this.#waitFor(pending, suspends, options);
    } finally {
      if (pending.outcome === undefined) this.#abandon(pending, options);
    }
  }

  #waitFor(pending: Pending, suspends: boolean, options: RequestOptions): unknown {
    let isShielded = false;
    if (suspends && this.#mayWaitInline()) this.#waitHere(pending, this.#options.inlineMs);
    for (;;) {
      const callback = shift(pending.callbacks);
      if (callback !== undefined) {
        // What it has begun must come to its end: a transaction is rolled back.
        if (!this.#callBack(callback)) isShielded = true;
        if (suspends && this.#mayWaitInline()) this.#waitHere(pending, this.#options.inlineMs);
      } else if (pending.outcome !== undefined) return this.#outcomeOf(pending);
      else if (!suspends) this.#waitHere(pending, Number.POSITIVE_INFINITY);
      else if (isShielded) uncancelled(() => this.#suspend(pending, options));
      else this.#suspend(pending, options);
    }
  }

  /** Its caller has gone. What it calls back from now on is told so, and ends by that. */
  #abandon(pending: Pending, { onCancel }: RequestOptions): void {
    if (pending.abandoned) return;
    pending.abandoned = true;
    for (let left = shift(pending.callbacks); left !== undefined; left = shift(pending.callbacks))
      this.#refuse(left);
    if (onCancel !== undefined) onCancel();
    else if (this.#failure === undefined) this.#post(['withdraw', pending.id], []);
  }

  #refuse([, id]: Callback): void {
    this.#reply(id, false, new Cancelled('the call that it was given to was cancelled'));
  }

  #begin(
    operation: Operation,
    args: readonly unknown[],
    transfer: readonly unknown[],
    blocks: boolean,
  ): Pending {
    if (this.#failure !== undefined) throw this.#ended(this.#failure);
    const pending: Pending = {
      id: ++this.#lastId,
      callbacks: [],
      waiter: undefined,
      waits: false,
      outcome: undefined,
      abandoned: false,
    };
    const parent = this.#parents[currentCarrier()] ?? 0;
    this.#post(['request', pending.id, currentOwnerId(), parent, blocks, operation, args], transfer);
    this.#pending.set(pending.id, pending);
    return pending;
  }

  #suspend(pending: Pending, options: RequestOptions): void {
    suspendBlocking<void>(options.what, (wait) => {
      this.#drain();
      if (pending.outcome !== undefined || pending.callbacks.length > 0) {
        wait.resolve();
        return undefined;
      }
      pending.waiter = wait;
      if (!pending.waits) this.hold(1);
      return () => {
        this.#dropWaiter(pending);
        this.#abandon(pending, options);
      };
    });
  }

  #dropWaiter(pending: Pending): Waiter<void> | undefined {
    const { waiter } = pending;
    if (waiter === undefined) return undefined;
    pending.waiter = undefined;
    if (!pending.waits) this.hold(-1);
    return waiter;
  }

  #wakeUp(pending: Pending): void {
    this.#dropWaiter(pending)?.resolve();
  }

  /** Has the thread keep the event loop going as long as the sum of what this was given is more than 0. */
  hold(count: number): void {
    this.#holding += count;
    const isHolding = this.#holding > 0;
    if (isHolding === this.#isHolding) return;
    this.#isHolding = isHolding;
    // The port of a thread that ends is closed before its end is told.
    for (const handle of each([this.#wake, this.#worker])) {
      if (isHolding) handle.ref();
      else handle.unref();
    }
  }

  #outcomeOf(pending: Pending): unknown {
    const { ok, value } = pending.outcome as { ok: boolean; value: unknown };
    if (ok) return value;
    throw value;
  }

  #mayWaitInline(): boolean {
    if (this.#options.inlineMs <= 0) return false;
    if (this.#skip === 0) return true;
    this.#skip--;
    return false;
  }

  /** Waits where the caller stands, for an answer or a callback. */
  #waitHere(pending: Pending, ms: number): void {
    const signals = this.#signals;
    const until = performance.now() + ms;
    Atomics.store(signals, Signal.hostWaits, 1);
    try {
      for (;;) {
        const seen = Atomics.load(signals, Signal.toHost);
        this.#drain();
        if (pending.outcome !== undefined || pending.callbacks.length > 0) {
          this.#misses = 0;
          return;
        }
        const left = until - performance.now();
        if (left <= 0) {
          this.#misses = Math.min(this.#misses + 1, 6);
          this.#skip = 2 ** this.#misses;
          return;
        }
        if (Atomics.load(signals, Signal.toHost) !== seen) continue;
        const outcome = Atomics.wait(signals, Signal.toHost, seen, Math.min(left, LOOK_MS));
        if (ms === Number.POSITIVE_INFINITY && outcome === 'timed-out' && this.#isGone())
          this.#end('its thread died');
        else if (
          Atomics.load(signals, Signal.ended) === 1 &&
          this.#received >= Atomics.load(signals, Signal.toHost) - 1
        )
          this.#end('it ended by process.exit()');
      }
    } finally {
      Atomics.store(signals, Signal.hostWaits, 0);
      this.#drain();
    }
  }

  /** Node closes what a thread has opened when it ends. */
  #isGone(): boolean {
    const descriptor = Atomics.load(this.#signals, Signal.descriptor) - 1;
    if (descriptor < 0) return performance.now() - this.#begun > BOOT_MS;
    try {
      return fstatSync(descriptor).ino !== statSync(devNull).ino;
    } catch {
      return true;
    }
  }

  #post(message: ToThread, transfer: readonly unknown[]): void {
    this.#port.postMessage(message, transfer as ArrayBuffer[]);
    // Whatever waits for this thread may go on now; what still waits is told again.
    if (message[0] !== 'release' && this.#anyWaits) {
      this.#anyWaits = false;
      this.#pending.forEach((pending) => {
        if (!pending.waits) return;
        pending.waits = false;
        if (pending.waiter !== undefined) this.hold(1);
      });
    }
    const signals = this.#signals;
    this.#posted++;
    Atomics.add(signals, Signal.toThread, 1);
    Atomics.notify(signals, Signal.toThread);
    if (Atomics.compareExchange(signals, Signal.threadSleeps, 1, 0) === 1) this.#wake.postMessage(0);
  }

  /** Takes all that the thread has posted. Runs none of the program's code but callbacks that belong to no call. */
  #drain(): void {
    Atomics.store(this.#signals, Signal.hostWoken, 0);
    for (;;) {
      const found = receiveMessageOnPort(this.#port) as { message: ToHost } | undefined;
      if (found === undefined) return;
      this.#received++;
      this.#take(found.message);
    }
  }

  #take(message: ToHost): void {
    switch (message[0]) {
      case 'done': {
        const pending = this.#pending.get(message[1]);
        if (pending === undefined) return;
        this.#pending.delete(message[1]);
        // Also where its caller has gone: what stands for the references in it lets go of them.
        pending.outcome = { ok: message[2], value: this.#decode(message[3]) };
        this.#wakeUp(pending);
        this.#tellIdle();
        return;
      }
      case 'callback': {
        const pending = this.#pending.get(message[2]);
        if (pending === undefined) this.#callBackDetached(message);
        else if (pending.abandoned) this.#refuse(message);
        else {
          push(pending.callbacks, message);
          this.#wakeUp(pending);
        }
        return;
      }
      case 'settled':
        this.#options.onSettled?.(message[1], message[2], this.#decode(message[3]));
        return;
      case 'waiting':
        // Else it will tell again, if that is still so.
        if (message[3] === this.#posted) this.#noteWaiting(message[1], message[2]);
        return;
      case 'release':
        this.#options.onRelease?.(message[1], message[2]);
        return;
    }
  }

  #noteWaiting(ids: readonly number[], holder: number): void {
    for (const id of each(ids)) {
      const pending = this.#pending.get(id);
      if (pending === undefined || pending.waits) continue;
      pending.waits = true;
      this.#anyWaits = true;
      if (pending.waiter !== undefined) this.hold(-1);
    }
    this.#holder = holder;
    if (holder === 0) return;
    const owner = ownerOf(holder);
    if (!(owner instanceof Task)) return;
    // A transaction that its task has left open is everybody's, as it would be without threads.
    const ended = (): void => {
      if (this.#failure === undefined) this.#post(['ownerEnded', holder], []);
    };
    if (Task.live.has(owner)) owner.onEnd(ended);
    else ended();
  }

  #decode(value: unknown): unknown {
    return decode(value, this.#references);
  }

  /** Runs what the thread calls, on this stack. @returns whether it returned */
  #callBack([, id, , operation, target, args]: Callback): boolean {
    const carrier = currentCarrier();
    const parent = this.#parents[carrier];
    this.#parents[carrier] = id;
    let ok = true;
    let value: unknown;
    try {
      const decoded = map(args, (arg) => this.#decode(arg));
      value = this.#options.perform?.(operation, target, decoded);
    } catch (error) {
      ok = false;
      value = error;
    } finally {
      this.#parents[carrier] = parent;
    }
    this.#reply(id, ok, value);
    return ok;
  }

  #reply(id: number, ok: boolean, value: unknown): void {
    if (this.#failure !== undefined) return;
    try {
      const into = this.encoding();
      const encoded = encode(value, into);
      this.#post(['reply', id, ok, encoded], into.transfer);
    } catch (error) {
      const into = this.encoding();
      this.#post(['reply', id, false, encode(error, into)], into.transfer);
    }
  }

  /** The thread calls a function of its own accord. */
  #callBackDetached(callback: Callback): void {
    enterInPlace(() => this.#callBack(callback));
  }

  #end(why: string | Error): void {
    if (this.#failure !== undefined) return;
    // What it has said before counts.
    this.#drain();
    const isError = typeof why !== 'string';
    this.#failure = new AeventError(
      'AEVENT_THREAD_ENDED',
      `The thread of ${this.name} has ended: ${isError ? why.message : why}. Its objects cannot be used any more; ` +
        'load the module, or open the database, again.',
      isError ? { cause: why } : undefined,
    );
    this.#stopListening();
    const all: Pending[] = [];
    this.#pending.forEach((pending) => void push(all, pending));
    this.#pending.clear();
    for (const pending of each(all)) {
      pending.outcome = { ok: false, value: this.#failure };
      this.#wakeUp(pending);
    }
    this.#port.close();
    this.#wake.close();
    this.#tellIdle();
    this.#options.onEnd?.();
  }

  #ended(failure: AeventError): AeventError {
    return new AeventError(failure.code, failure.message, { cause: failure.cause ?? failure });
  }
}

// This thread's side of one that works for it (thread-main.ts). A call suspends the task that makes it; where nothing can be
// suspended it blocks, as the original does. Functions that the thread calls back run where the call was made.
// More than 400 lines, since all that becomes of a request, from its beginning to its end, shares its state.
import { builtin, globals } from '../base/builtins.js';
import { AeventError } from '../base/errors.js';
import { each, push, shift } from '../base/primordials.js';
import { uncancelled } from '../cancellation/checkpoint.js';
import { suspendBlocking } from '../io/stream-descriptors.js';
import { isBeforeExit } from '../process-end/before-exit.js';
import { currentContext } from '../suspension/context.js';
import { isExiting } from '../suspension/exit-hook.js';
import { asInternal } from '../suspension/internally.js';
import { type Piece, pieceHere } from '../suspension/pieces.js';
import { hasPortal } from '../suspension/portal.js';
import { requireStack } from '../suspension/stack-room.js';
import type { Waiter } from '../suspension/suspension.js';
import { Task } from '../tasks/task.js';
import { Callbacks, type ContextOf, type Perform } from './callbacks.js';
import { decode, type Encoding, encoding, isSmallAndPlain, type References } from './codec.js';
import {
  currentBorrower,
  currentOwnerId,
  noteOwner,
  type Owner,
  onLoopDry,
  taskOf,
  transactionBegun,
  transactionEnded,
} from './owner.js';
import { Pace } from './pace.js';
import { assignProcess, beforeEnd, callProcess, writeFor } from './program-process.js';
import type { Callback, Holds, Operation, ToHost, ToThread } from './protocol.js';
import { Thread } from './thread.js';

const process = builtin<typeof import('node:process')>('process');
const { emitWarning, getActiveResourcesInfo } = process;

/** A thread that computes of its own accord cannot keep the program from its end for longer. */
const AT_EXIT_MS = 1000;

/** Milliseconds after which it is looked whether a callback can still end the transaction that it has left open. */
const LOOK_MS = 25;
/** Milliseconds for which a transaction of a callback keeps others out while nothing is asked in it. In plain Node it keeps none out. */
const PATIENCE_MS = 1000;

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
  readonly owner: number;
  /** The callback or microtask that asks, if it is known. */
  readonly piece: Piece | undefined;
  readonly caller: Owner;
  /** The owner of the connection once it is done; see {@link Holds}. */
  holds: Holds;
}

/** The link's treatment of objects that it is sent. */
export interface LinkOptions {
  /** Names it in errors and in the task dump. */
  readonly name: string;
  readonly references?: (link: Link) => References;
  /** Milliseconds for which a call waits where it stands before it suspends. */
  readonly inlineMs: number;
  /** Called with the objects that the thread has let go of. */
  readonly onRelease?: (ids: readonly number[], counts: readonly number[]) => void;
  /** Carries out a request of the thread's to an object or function of this one. */
  readonly perform?: Perform;
  readonly contextOf?: ContextOf;
  readonly onSettled?: (promise: number, ok: boolean, value: unknown) => void;
  readonly onEnd?: () => void;
  /** Whether the thread's `process` is to be the program's (thread-process.ts). */
  readonly actsForProgram?: boolean;
  readonly resourceLimits?: import('node:worker_threads').ResourceLimits;
}

/** How a call of a thread behaves. */
export interface RequestOptions {
  readonly what: string;
  /** How long calls like this one take; by default that of all of the link's. */
  readonly pace?: Pace;
  /** Called when the caller was cancelled; by default the thread is told not to begin with it, if it has not. */
  readonly onCancel?: () => void;
}

/** A thread that works for this one. */
export class Link {
  readonly name: string;
  readonly #options: LinkOptions;
  readonly #references: References | undefined;
  readonly #thread: Thread;
  readonly #callbacks: Callbacks;
  readonly #pending = new Map<number, Pending>();
  readonly #pace = new Pace();
  #lastId = 0;
  /** The owners of the last request, and of the one before it. */
  #lastOwner = 0;
  #ownerBefore = 0;
  /** True while the program ends in a call of the thread's process.exit(), which serves requests meanwhile. */
  #isExiting = false;
  #failure: AeventError | undefined;
  #holder = 0;
  /** When that asked for something last. */
  #heldMs = 0;
  #patience: NodeJS.Timeout | undefined;
  /** The owner of the connection, as the last call that has returned left it; 0: none. */
  #inTransaction = 0;
  /** The piece that has the connection, and is in the midst of its work. */
  #inMidst: Piece | undefined;
  #anyWaits = false;
  readonly #idleListeners: (() => void)[] = [];
  readonly #stopListening: () => void;
  readonly #forgetEnd: () => void;

  constructor(options: LinkOptions) {
    this.name = options.name;
    this.#options = options;
    this.#references = options.references?.(this);
    const listener = {
      name: options.name,
      onMail: () => this.#drain(),
      onEnd: (why: string | Error) => this.#end(why),
      actsForProgram: options.actsForProgram ?? false,
      ...(options.resourceLimits && { resourceLimits: options.resourceLimits }),
    };
    // Its ports' messages wait for no code that has happened to need it first.
    this.#thread = asInternal(() => new Thread(listener));
    this.#callbacks = new Callbacks({
      references: this.#references,
      perform: (operation, target, args) =>
        operation === 'process' ? callProcess(args) : options.perform?.(operation, target, args),
      contextOf: (target) => (target === 0 ? undefined : options.contextOf?.(target)),
      post: (message, into) => this.#post(message, into),
    });
    this.#stopListening = onLoopDry(() => this.#letOthersIn());
    this.#forgetEnd =
      options.actsForProgram === true ? beforeEnd((code) => this.#exit(code)) : (): void => {};
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
    this.#thread.terminate();
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
    this.#post(['release', ids, counts]);
  }

  /** See {@link Thread.hold}. */
  hold(count: number): void {
    this.#thread.hold(count);
  }

  /** A new encoding, for {@link request}. */
  encoding(): Encoding {
    return encoding(this.#references);
  }

  /**
   * Asks the thread for something and waits for the answer. Suspends in a task, else blocks.
   * @param args - encoded; by `into`, if they are more than strings
   * @throws the thread's error; {@link AeventError} `AEVENT_THREAD_ENDED`
   */
  request(
    operation: Operation,
    args: readonly unknown[],
    into: Encoding | undefined,
    options: RequestOptions,
  ): unknown {
    requireStack();
    const suspends = hasPortal();
    if (suspends) currentContext()?.scope.throwIfCancelled();
    const pending = this.#begin(operation, args, into, !suspends);
    try {
      return this.#waitFor(pending, suspends, options);
    } finally {
      if (pending.outcome === undefined) this.#abandon(pending, options);
    }
  }

  #begin(
    operation: Operation,
    args: readonly unknown[],
    into: Encoding | undefined,
    blocks: boolean,
  ): Pending {
    if (this.#failure !== undefined) throw endedAgain(this.#failure);
    // A transaction that is open when the program ends is open for its listeners of 'beforeExit' and 'exit', too.
    const atEnd = this.#inTransaction !== 0 && (isBeforeExit() || isExiting());
    const owner = atEnd ? this.#inTransaction : currentOwnerId();
    const piece = atEnd ? this.#inMidst : pieceHere();
    const pending: Pending = {
      id: ++this.#lastId,
      callbacks: [],
      waiter: undefined,
      waits: false,
      outcome: undefined,
      abandoned: false,
      owner,
      piece,
      caller: currentBorrower(),
      holds: 0,
    };
    if (owner === this.#holder) this.#heldMs = performance.now();
    const callback = this.#callbacks.current();
    // Others may come in this turn of the loop. While a callback runs, the thread waits.
    const urgent = callback !== 0;
    this.#post(
      ['request', pending.id, owner, piece?.id ?? 0, callback, blocks, operation, args],
      into,
      urgent,
    );
    this.#pending.set(pending.id, pending);
    this.#ownerBefore = this.#lastOwner;
    this.#lastOwner = owner;
    return pending;
  }

  #waitFor(pending: Pending, suspends: boolean, options: RequestOptions): unknown {
    let isShielded = false;
    if (suspends) this.#waitInline(pending, options);
    for (;;) {
      const callback = shift(pending.callbacks);
      if (callback !== undefined) {
        // The call must come to its end then: a transaction is rolled back.
        this.#isExiting = isExit(callback);
        if (!this.#callbacks.run(callback)) isShielded = true;
        if (suspends) this.#waitInline(pending, options);
      } else if (pending.outcome !== undefined) {
        this.#noteHolder(pending);
        const { ok, value } = pending.outcome;
        if (ok) return value;
        throw value;
      } else if (!suspends) this.#waitHere(pending, Number.POSITIVE_INFINITY);
      else if (isShielded) uncancelled(() => this.#suspend(pending, options));
      else this.#suspend(pending, options);
    }
  }

  /** Has callbacks that the caller registers go on with its transaction. */
  #noteHolder({ holds, owner, piece }: Pending): void {
    if (holds === 2) return;
    const before = this.#inTransaction;
    const now = holds === 1 ? owner : 0;
    this.#watch(holds === 1 ? piece : undefined);
    if (before === now) return;
    this.#inTransaction = now;
    if (before !== 0) transactionEnded(before);
    if (now !== 0) transactionBegun(now);
  }

  /** Tells the thread when that piece has left what it does to the event loop: by `await`, or at its end. */
  #watch(piece: Piece | undefined): void {
    if (this.#inMidst === piece) return;
    this.#inMidst = piece;
    if (piece !== undefined) this.#lookSoon(piece);
  }

  #lookSoon(piece: Piece): void {
    globals.setImmediate(() => {
      if (this.#inMidst !== piece) return;
      if (piece.suspended && piece.blocks) {
        const { whenGoesOn } = piece;
        piece.whenGoesOn = () => {
          whenGoesOn?.();
          this.#lookSoon(piece);
        };
        return;
      }
      this.#inMidst = undefined;
      this.#post(['pieceEnded', piece.id]);
    });
  }

  /** Waits where the caller stands if that is likely to be shorter than to suspend. */
  #waitInline(pending: Pending, { pace = this.#pace }: RequestOptions): void {
    const { inlineMs } = this.#options;
    // A request behind others waits for them, too. And a server with a query for each of its requests had better go on meanwhile.
    const isAlone = this.#pending.size === 1 && this.#lastOwner === this.#ownerBefore;
    if (inlineMs <= 0 || !isAlone || !pace.isFast()) return;
    pace.note(this.#waitHere(pending, inlineMs));
  }

  /** Waits where the caller stands, for an answer or a callback. @returns whether there was one */
  #waitHere(pending: Pending, ms: number): boolean {
    const thread = this.#thread;
    const until = performance.now() + ms;
    thread.isWaitedFor = true;
    try {
      for (;;) {
        this.#drain();
        if (pending.outcome !== undefined || pending.callbacks.length > 0) return true;
        const left = until - performance.now();
        if (left <= 0) return false;
        const why = thread.wait(left);
        if (why !== undefined) this.#end(why);
      }
    } finally {
      thread.isWaitedFor = false;
      this.#drain();
    }
  }

  #suspend(pending: Pending, options: RequestOptions): void {
    suspendBlocking<void>(this.#nameOf(pending, options), (wait) => {
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

  /**
   * Events wait for a wait of this name as for any call of the thread, unless a task has the connection: it may be that an event has the task
   * end its transaction. That of a callback keeps others out for {@link PATIENCE_MS} only.
   */
  #nameOf({ waits }: Pending, { what }: RequestOptions): string {
    if (!waits) return what;
    const isBounded = this.#holder !== 0 && taskOf(this.#holder) === undefined;
    return isBounded ? `${what}, in its turn` : `turn for ${what}`;
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

  /** Its caller has gone. Its callbacks are told so from now on, and end by that. */
  #abandon(pending: Pending, { onCancel }: RequestOptions): void {
    if (pending.abandoned) return;
    pending.abandoned = true;
    for (let left = shift(pending.callbacks); left !== undefined; left = shift(pending.callbacks))
      this.#callbacks.refuse(left);
    if (onCancel !== undefined) onCancel();
    else this.#post(['withdraw', pending.id]);
  }

  #post(message: ToThread, into?: Encoding, urgent?: boolean): void {
    if (this.#failure !== undefined) return;
    this.#thread.post(message, into?.transfer, into === undefined || isSmallAndPlain(into), urgent);
    // Requests that wait for this thread may go on now; those that still wait are told again.
    if (message[0] === 'release' || !this.#anyWaits) return;
    this.#anyWaits = false;
    this.#pending.forEach((pending) => {
      if (!pending.waits) return;
      pending.waits = false;
      if (pending.waiter !== undefined) this.hold(1);
    });
  }

  /** Takes all that the thread has posted. Runs none of the program's code but callbacks that belong to no call. */
  #drain(): void {
    this.#thread.lookUp();
    for (let mail = this.#thread.take(); mail !== undefined; mail = this.#thread.take()) this.#take(mail);
  }

  #take(message: ToHost): void {
    switch (message[0]) {
      case 'done': {
        const pending = this.#pending.get(message[1]);
        if (pending === undefined) return;
        this.#pending.delete(message[1]);
        // Also where its caller has gone: the stand-ins for its references let go of them.
        const value = decode(message[4], this.#references, this.#thread.isPlain);
        pending.outcome = { ok: message[2], value };
        pending.holds = message[3];
        if (pending.holds === 1) noteOwnerOf(pending);
        this.#wakeUp(pending);
        this.#tellIdle();
        return;
      }
      case 'callback': {
        const pending = this.#pending.get(message[2]);
        if (pending === undefined || (isExit(message) && pending.abandoned))
          this.#callbacks.runDetached(message);
        else if (pending.abandoned) this.#callbacks.refuse(message);
        else {
          push(pending.callbacks, message);
          this.#wakeUp(pending);
        }
        return;
      }
      case 'write':
        writeFor(message[1], message[2]);
        return;
      case 'assign':
        assignProcess(message[1], message[2]);
        return;
      case 'settled':
        this.#options.onSettled?.(message[1], message[2], decode(message[3], this.#references));
        return;
      case 'waiting':
        // Else it will tell again, if that is still so.
        if (message[3] === this.#thread.posted) this.#noteWaiting(message[1], message[2]);
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
      const waiter = this.#dropWaiter(pending);
      pending.waits = true;
      this.#anyWaits = true;
      waiter?.resolve();
    }
    if (this.#holder !== holder) this.#heldMs = performance.now();
    this.#holder = holder;
    if (holder === 0) return;
    this.#pending.forEach((pending) => void (pending.owner === holder && noteOwnerOf(pending)));
    const task = taskOf(holder);
    // A transaction that its task has left open belongs to all, as it would without threads.
    const ended = (): void => this.#post(['ownerEnded', holder]);
    if (task === undefined) this.#letOthersInLater();
    else if (Task.live.has(task)) task.onEnd(ended);
    else ended();
  }

  /** A callback that has left a transaction open may have been the last of its kind: nothing tells. It keeps the process, as its end would. */
  #letOthersInLater(): void {
    this.#patience ??= globals.setTimeout(() => {
      this.#patience = undefined;
      if (!this.#anyWaits || taskOf(this.#holder) !== undefined) return;
      if (isNothingElseActive()) this.#letOthersIn();
      else if (performance.now() - this.#heldMs < PATIENCE_MS) this.#letOthersInLater();
      else {
        this.#letOthersIn();
        warnOfTransaction(this.name);
      }
    }, LOOK_MS);
  }

  #letOthersIn(): void {
    if (this.#holder !== 0 && this.#failure === undefined) this.#post(['ownerEnded', this.#holder]);
  }

  /** The program ends: what the thread has written by now is written, and its listeners of 'exit' are called, if it is free. */
  #exit(code: number): void {
    if (this.#failure !== undefined || (this.load > 0 && !this.#isExiting)) return;
    this.#waitHere(this.#begin('exit', [code], undefined, true), AT_EXIT_MS);
  }

  #end(why: string | Error): void {
    if (this.#failure !== undefined) return;
    // Messages that it has posted before count.
    this.#drain();
    const isError = typeof why !== 'string';
    this.#failure = new AeventError(
      'AEVENT_THREAD_ENDED',
      `The thread of ${this.name} has ended: ${isError ? why.message : why}. Its objects cannot be used any more; ` +
        'load the module, or open the database, again.',
      isError ? { cause: why } : undefined,
    );
    this.#stopListening();
    this.#forgetEnd();
    globals.clearTimeout(this.#patience);
    if (this.#inTransaction !== 0) transactionEnded(this.#inTransaction);
    this.#inTransaction = 0;
    const all: Pending[] = [];
    this.#pending.forEach((pending) => void push(all, pending));
    this.#pending.clear();
    for (const pending of each(all)) {
      pending.outcome = { ok: false, value: this.#failure };
      this.#wakeUp(pending);
    }
    this.#thread.close();
    this.#tellIdle();
    this.#options.onEnd?.();
    // In no call, so no caller hears of it: without threads it would have been the program's uncaught exception.
    if (isError && all.length === 0) globals.nextTick(raise, why);
  }
}

/** True where nothing would ever call back. A timer that has come is not active by then. */
const isNothingElseActive = (): boolean => getActiveResourcesInfo.call(process).length === 0;

let hasWarned = false;

/** Once. */
function warnOfTransaction(name: string): void {
  if (hasWarned || process.env.AEVENT_WARN === '0') return;
  hasWarned = true;
  const message =
    `A callback left a transaction of ${name} open, and nothing was asked in it for ${PATIENCE_MS} ms while others waited. They take ` +
    'part in it now, as in plain Node. Make a transaction in one task, by aevent.call(), or end it in the callback that begins it.';
  const detail = 'AEVENT_WARN=0 turns this warning off.';
  Reflect.apply(emitWarning, process, [
    message,
    { type: 'AeventWarning', code: 'AEVENT_TRANSACTION_LEFT', detail },
  ]);
}

function isExit(callback: Callback): boolean {
  return callback[3] === 'process' && callback[5][0] === 'exit';
}

function raise(error: Error): void {
  throw error;
}

/** A callback that goes on with a transaction has its owner's number. */
function noteOwnerOf({ caller, owner }: Pending): void {
  if (caller.ownerId === owner) noteOwner(caller);
}

function endedAgain(failure: AeventError): AeventError {
  return new AeventError(failure.code, failure.message, { cause: failure.cause ?? failure });
}

// `Thread`, as in Python's `threading`: a task with a name and a join().
import { builtin } from '../../base/builtins.js';
import { describe, inLine, inspect, inspectAs, nameOf, quoted, shown } from '../../base/describe.js';
import { AeventError, invalidArgument, requireFunction } from '../../base/errors.js';
import { each, includes } from '../../base/primordials.js';
import { interleave } from '../../base/scheduler.js';
import { isThenable } from '../../base/thenable.js';
import { timeoutFrom } from '../../base/timeout.js';
import { type CancelScope, noError } from '../../cancellation/cancel-scope.js';
import { Context } from '../../suspension/context.js';
import { requireStack } from '../../suspension/stack-room.js';
import { type Subject, type Told, tellWait } from '../../suspension/subject.js';
import { currentRunner } from '../../tasks/runner.js';
import { named, Task } from '../../tasks/task.js';
import { WaitList } from '../../waiting/wait-list.js';
import { currentOwner, noTask, type Owner } from './owner.js';

/** Options of {@link Thread}. */
export interface ThreadOptions<A extends unknown[] = unknown[]> {
  /** The function that {@link Thread.run} calls. */
  readonly target?: ((...args: A) => unknown) | undefined;
  /** Its arguments. */
  readonly args?: A | undefined;
  /** Default: `Thread-1`, `Thread-2`, …, with the target's name. */
  readonly name?: string | undefined;
  /** Whether leaving the runner cancels it instead of waiting for it. Default: as the thread that makes it. */
  readonly daemon?: boolean | undefined;
}

const optionNames = ['target', 'args', 'name', 'daemon'];
let lastIdent = 0;
let lastNumber = 0;
const alive = new Set<Thread>();
const byOwner = new WeakMap<Owner, Thread>();

/**
 * A task with the interface of a thread. It belongs to the nearest runner around the code that starts it. An error
 * that ends it goes to the `excepthook` and harms no other thread.
 * @see CPython `threading.Thread`
 */
export class Thread<A extends unknown[] = unknown[]> implements Subject {
  /** For people; need not be unique. Settable at any time. */
  name: string;
  #ident: number | undefined;
  #daemon: boolean;
  #state: 'new' | 'alive' | 'ended' = 'new';
  #target: (() => unknown) | undefined;
  #scope: CancelScope | undefined;
  readonly #joiners = new WaitList<undefined>();

  /** Not a checkpoint. A subclass may override {@link run} instead of giving a target. */
  constructor(options: ThreadOptions<A> = {}) {
    const { target, args, name, daemon } = checked(options);
    this.name = name ?? defaultName(target);
    this.#daemon = daemon ?? currentThread().daemon;
    if (target !== undefined) this.#target = () => target(...((args ?? []) as A));
  }

  /** A number that no other thread has; undefined before it is started. */
  get ident(): number | undefined {
    return this.#ident;
  }

  /**
   * Whether leaving the runner cancels it instead of waiting for it.
   * @throws {@link AeventError} `AEVENT_THREAD_STATE` when set after the start
   */
  get daemon(): boolean {
    return this.#daemon;
  }

  set daemon(value: boolean) {
    if (this.#state !== 'new')
      throw misuse(this, 'cannot become a daemon, or stop being one, once it was started');
    this.#daemon = value;
  }

  /**
   * Starts it as a task of the nearest runner. Not a checkpoint: it begins in a microtask of its own.
   * @throws {@link AeventError} `AEVENT_NO_RUNNER` outside of a runner, `AEVENT_THREAD_STATE` a second time
   */
  start(): void {
    if (this.#state !== 'new') throw misuse(this, 'was started before. Make a new one for each start');
    const runner = currentRunner('Thread.start()');
    requireStack();
    const body = named(() => this.#run(scope), { name: this.name });
    const scope: CancelScope = runner.begin('Thread.start', body, [], this.#daemon, () => this.#end());
    this.#scope = scope;
    this.#ident = ++lastIdent;
    this.#state = 'alive';
    alive.add(this);
  }

  /** The thread's work: calls the target. May be async. Not to be called, but to be overridden. */
  run(): unknown {
    return this.#target?.();
  }

  /** True from {@link start} until {@link run} has ended. */
  isAlive(): boolean {
    return this.#state === 'alive';
  }

  /**
   * Waits until the thread ends; {@link isAlive} tells whether it did. A checkpoint unless it has ended.
   * @param timeoutMs - milliseconds, >= 0, to wait at most
   * @throws {@link AeventError} `AEVENT_THREAD_STATE` if it was not started, or is the current one
   */
  join(timeoutMs?: number): void {
    const limit = this.#joinLimit(timeoutMs);
    if (limit > 0) interleave('Thread.join');
    if (this.isAlive()) this.#joiners.wait('Thread.join', limit, undefined, this);
  }

  /** As {@link join}, for async code; cancelled with the scope that it is called in. */
  async joinAsync(timeoutMs?: number): Promise<void> {
    const limit = this.#joinLimit(timeoutMs);
    if (this.isAlive()) await this.#joiners.waitAsync(limit, undefined);
  }

  /** @internal */
  [tellWait](): Told {
    const task = this.#scope?.holder;
    return { text: `of ${shown(this.name)}`, ...(task !== undefined && { needs: { all: [task] } }) };
  }

  /** @internal */
  [inspectAs](): string {
    return inLine(this, () => {
      const state = this.isAlive() ? 'alive' : this.#state;
      return `${shown(this.name)}, ${state}${this.#daemon ? ', daemon' : ''}`;
    });
  }

  /** @internal For threads that are never started. */
  protected adopt(owner: Owner): void {
    this.#ident = ++lastIdent;
    this.#state = 'alive';
    byOwner.set(owner, this);
  }

  #joinLimit(timeoutMs: number | undefined): number {
    if (this.#state === 'new') throw misuse(this, 'cannot be joined before it is started');
    if (currentThread() === this) throw misuse(this, 'cannot join itself: it would wait for ever');
    if (this instanceof ForeignThread)
      throw misuse(this, 'cannot be joined: it is not a Thread that was started');
    return timeoutFrom('Thread.join', timeoutMs);
  }

  #run(scope: CancelScope): unknown {
    byOwner.set(currentOwner(), this);
    const fail = (error: unknown): void => {
      const failure = scope.withoutCancellation(error);
      if (failure === noError) throw error;
      callExcepthook({ error: failure, thread: this });
    };
    try {
      const running = this.run();
      return isThenable(running) ? running.then(undefined, fail) : undefined;
    } catch (error) {
      return fail(error);
    }
  }

  #end(): void {
    this.#state = 'ended';
    this.#target = undefined;
    this.#scope = undefined;
    alive.delete(this);
    this.#joiners.wakeAll(undefined);
  }
}

/** Gives `currentThread()`'s object for a task, a callback or the code that belongs to neither. */
class ForeignThread extends Thread {
  readonly #owner: Owner;

  constructor(owner: Owner) {
    const callback = owner instanceof Context;
    const task = callback ? owner.task : undefined;
    super({
      name: callback ? `Dummy-${++lastNumber}` : owner.name,
      daemon: task !== undefined && (byOwner.get(task)?.daemon ?? false),
    });
    this.#owner = owner;
    this.adopt(owner);
  }

  override isAlive(): boolean {
    return !(this.#owner instanceof Task) || Task.live.has(this.#owner);
  }
}

const main: Thread = new ForeignThread(noTask);

/** The code that belongs to no task: what runs on the event loop's own stack, or, under aevent/auto, at top level. */
export function mainThread(): Thread {
  return main;
}

/**
 * The thread that the running code belongs to. A task that no Thread started has one of its own; so has each call of a
 * callback that is entered as a task, as `Dummy-1`. Not a checkpoint.
 */
export function currentThread(): Thread {
  const owner = currentOwner();
  return byOwner.get(owner) ?? new ForeignThread(owner);
}

/** {@link Thread.ident} of the current thread. Not a checkpoint. */
export function getIdent(): number {
  return currentThread().ident as number;
}

/**
 * All threads that are alive: the main thread, those that were started, and tasks that have asked for theirs. Callbacks
 * are not listed: it cannot be told when one of them has ended.
 */
export function enumerate(): Thread[] {
  const foreign = [...Task.live].map((task) => byOwner.get(task));
  return [main, ...alive, ...foreign.filter((thread) => thread instanceof ForeignThread)];
}

/** How many threads are alive. */
export function activeCount(): number {
  return enumerate().length;
}

function defaultName(target: unknown): string {
  const name = `Thread-${++lastNumber}`;
  return target === undefined ? name : `${name} (${nameOf(target)})`;
}

function misuse(thread: Thread, what: string): AeventError {
  return new AeventError('AEVENT_THREAD_STATE', `The thread ${describe(thread.name)} ${what}.`);
}

function checked<A extends unknown[]>(options: ThreadOptions<A>): ThreadOptions<A> {
  if (typeof options !== 'object' || options === null) {
    throw invalidArgument(
      'AEVENT_INVALID_OPTIONS',
      `new Thread() takes an object such as { target: fn, args: [] }, not ${describe(options)}.`,
    );
  }
  for (const name of each(Object.keys(options))) {
    if (includes(optionNames, name)) continue;
    throw invalidArgument(
      'AEVENT_UNKNOWN_OPTION',
      `new Thread() has no option ${quoted(name)}. It has: ${optionNames.join(', ')}.`,
    );
  }
  const { target, args, name, daemon } = options;
  if (target !== undefined) requireFunction('new Thread({ target })', target);
  const wrong =
    args !== undefined && !Array.isArray(args)
      ? `args }) takes an array, not ${describe(args)}`
      : name !== undefined && typeof name !== 'string'
        ? `name }) takes a string, not ${describe(name)}`
        : daemon !== undefined && typeof daemon !== 'boolean'
          ? `daemon }) takes true or false, not ${describe(daemon)}`
          : undefined;
  if (wrong !== undefined) throw invalidArgument('AEVENT_INVALID_OPTIONS', `new Thread({ ${wrong}.`);
  return options;
}

const process = builtin<typeof import('node:process')>('process');

/** The argument of {@link excepthook}. */
export interface ExceptHookArgs {
  /** The error that the thread's `run()` threw. */
  readonly error: unknown;
  /** The thread that ends by it. */
  readonly thread: Thread;
}

/** Called, as the last thing in a thread's task, with the error that ends it. */
export type ExceptHook = (args: ExceptHookArgs) => void;

/**
 * The hook that is in force unless {@link setExcepthook} put another one there: prints the error to stderr.
 * @see CPython `threading.excepthook`
 */
export function excepthook({ error, thread }: ExceptHookArgs): void {
  process.stderr.write(`Exception in thread ${describe(thread.name)}:\n${inspect(error)}\n`);
}

let current: ExceptHook = excepthook;

/** Has `hook` be called with the errors that end threads; gives the one that was. */
export function setExcepthook(hook: ExceptHook): ExceptHook {
  requireFunction('setExcepthook()', hook);
  const before = current;
  current = hook;
  return before;
}

/** Never throws: an error of the hook's own is printed, after the thread's. */
export function callExcepthook(args: ExceptHookArgs): void {
  try {
    current(args);
  } catch (error) {
    excepthook(args);
    process.stderr.write(`Exception in threading.excepthook:\n${inspect(error)}\n`);
  }
}

// A module that is loaded in a thread, and used as if it were local.
import { builtin } from '../base/builtins.js';
import { describe, quoted } from '../base/describe.js';
import { invalidArgument } from '../base/errors.js';
import { each, includes, indexOf, push, shift, splice } from '../base/primordials.js';
import { type Family, ThreadSide } from './mirror.js';
import { type Located, locate } from './specifier.js';

const { availableParallelism } = builtin<typeof import('node:os')>('os');

/** Options of {@link inThread}. */
export interface InThreadOptions {
  /** The path or URL of the file that names the module. Default: the one that calls `inThread()`. */
  from?: string | URL;
  /** How many threads run the functions that the module exports. Default: 1, more for packages known to be thread-safe. */
  threads?: number;
  /** Whether each instance of a class that the module exports has a thread of its own. Default: for databases. */
  threadPerInstance?: boolean;
  /**
   * Milliseconds, >= 0, for which a call waits where it stands, event loop and all, before it suspends: two switches of stacks
   * and a wake-up of the loop are more than a query that takes microseconds. Default: 0.05.
   */
  inlineMs?: number;
  /** Limits of each thread, as a Worker has them. */
  resourceLimits?: import('node:worker_threads').ResourceLimits;
}

const optionNames = ['from', 'threads', 'threadPerInstance', 'inlineMs', 'resourceLimits'];

/** Not safe in several threads at once by one connection: each has a thread. */
const DATABASES = ['better-sqlite3', 'node:sqlite', 'sqlite'];
/** Functions of these have no state. */
const STATELESS = ['bcrypt', '@node-rs/bcrypt', '@node-rs/argon2', '@swc/core', 'lightningcss', 'prettier'];
/** Threads that are kept for the next instance. */
const MOST_IDLE = 2;

/**
 * Loads a module in a thread and gives what it exports: functions, classes and their instances are used as if they were
 * local. Each call suspends the task that makes it; where nothing can be suspended it blocks. Functions that are given to it are
 * called here, in the task that made the call, and may suspend. A transaction has its connection for itself.
 * @param specifier - as for `import`, or a file: URL
 * @throws {@link AeventError} `AEVENT_NO_MODULE`; what the module throws when it is loaded; TypeError
 *   `AEVENT_UNKNOWN_OPTION`, `AEVENT_INVALID_OPTIONS`. Calls throw `AEVENT_THREAD_ENDED` once the thread has died
 */
export function inThread<T = never>(specifier: string | URL, options: InThreadOptions = {}): T {
  checkOptions(options);
  return new ModuleThreads(locate('inThread()', specifier, options.from), options).exports as T;
}

class ModuleThreads implements Family {
  readonly name: string;
  readonly prototypes = new Map<string, object>();
  readonly inlineMs: number;
  readonly resourceLimits?: import('node:worker_threads').ResourceLimits;
  readonly #located: Located;
  readonly #threads: number;
  readonly #threadPerInstance: boolean;
  readonly #home: ThreadSide;
  /** Those that run exported functions. */
  readonly #pool: ThreadSide[] = [];
  /** Those of instances. */
  readonly #busy = new Set<ThreadSide>();
  readonly #idle: ThreadSide[] = [];
  /** Those whose instances were closed, but not let go of. */
  readonly #closed = new Set<ThreadSide>();

  constructor(located: Located, options: InThreadOptions) {
    this.name = located.specifier;
    this.#located = located;
    this.inlineMs = options.inlineMs ?? 0.05;
    if (options.resourceLimits !== undefined) this.resourceLimits = options.resourceLimits;
    this.#threads = options.threads ?? (includes(STATELESS, located.specifier) ? availableParallelism() : 1);
    this.#threadPerInstance = options.threadPerInstance ?? includes(DATABASES, located.specifier);
    this.#home = new ThreadSide(this);
    push(this.#pool, this.#home);
  }

  get exports(): unknown {
    return this.#home.root();
  }

  load(side: ThreadSide): unknown {
    const { specifier, from } = this.#located;
    return side.link.request('load', [specifier, from], [], { what: `import ${specifier}` });
  }

  sideForInstance(side: ThreadSide): ThreadSide {
    if (!this.#threadPerInstance) return side;
    let found = shift(this.#idle);
    while (found !== undefined && found.link.failure !== undefined) found = shift(this.#idle);
    found ??= new ThreadSide(this);
    this.#busy.add(found);
    return found;
  }

  sideForCall(side: ThreadSide): ThreadSide {
    if (this.#threads === 1) return side;
    let best: ThreadSide | undefined;
    for (const one of each(this.#pool)) if (best === undefined || one.link.load < best.link.load) best = one;
    if (best !== undefined && best.link.load === 0) return best;
    if (this.#pool.length >= this.#threads && best !== undefined) return best;
    const made = new ThreadSide(this);
    push(this.#pool, made);
    return made;
  }

  onIdle(side: ThreadSide, isDropped: boolean): void {
    if (!this.#busy.has(side) && !(isDropped && this.#closed.has(side))) return;
    this.#busy.delete(side);
    if (this.#idle.length < MOST_IDLE) push(this.#idle, side);
    // Its objects may still be asked, e.g. whether they are open.
    else if (!isDropped) this.#closed.add(side);
    else side.link.kill('nothing used it any more');
  }

  onEnd(side: ThreadSide): void {
    this.#busy.delete(side);
    this.#closed.delete(side);
    for (const list of each([this.#pool, this.#idle])) {
      const index = indexOf(list, side);
      if (index >= 0) splice(list, index, 1);
    }
  }
}

function checkOptions(options: InThreadOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw invalidArgument(
      'AEVENT_INVALID_OPTIONS',
      `inThread() takes an object of options, not ${describe(options)}.`,
    );
  }
  for (const name of each(Object.keys(options))) {
    if (includes(optionNames, name)) continue;
    throw invalidArgument(
      'AEVENT_UNKNOWN_OPTION',
      `inThread() has no option ${quoted(name)}. It has: ${optionNames.join(', ')}.`,
    );
  }
  const { threads, threadPerInstance, inlineMs, resourceLimits } = options;
  const wrong =
    threads !== undefined && !(Number.isInteger(threads) && threads >= 1)
      ? `threads }) takes an integer >= 1, not ${describe(threads)}`
      : threadPerInstance !== undefined && typeof threadPerInstance !== 'boolean'
        ? `threadPerInstance }) takes true or false, not ${describe(threadPerInstance)}`
        : inlineMs !== undefined &&
            !(typeof inlineMs === 'number' && inlineMs >= 0 && Number.isFinite(inlineMs))
          ? `inlineMs }) takes finite milliseconds >= 0, not ${describe(inlineMs)}`
          : resourceLimits !== undefined && (typeof resourceLimits !== 'object' || resourceLimits === null)
            ? `resourceLimits }) takes an object, not ${describe(resourceLimits)}`
            : undefined;
  if (wrong !== undefined) throw invalidArgument('AEVENT_INVALID_OPTIONS', `inThread({ ${wrong}.`);
}

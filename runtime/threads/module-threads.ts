// The threads of one module: which of them makes an instance, and which runs an exported function.
import type { ThreadOptions } from '../backend/in-thread-options.js';
import { builtin } from '../base/builtins.js';
import { each, includes, indexOf, push, shift, splice } from '../base/primordials.js';
import { THREAD } from '../suspension/wait-kinds.js';
import { type Family, ThreadSide } from './mirror.js';
import type { Located } from './specifier.js';

const { availableParallelism } = builtin<typeof import('node:os')>('os');

/** Not safe in several threads at once by one connection: each has a thread. */
const DATABASES = ['better-sqlite3', 'node:sqlite', 'sqlite'];
/** Functions of these have no state. */
const STATELESS = ['bcrypt', '@node-rs/bcrypt', '@node-rs/argon2', '@swc/core', 'lightningcss', 'prettier'];
/** Instances beyond so many share threads, which take some 5 MB each. */
const MOST_THREADS = 64;
/** Threads that are kept for the next instance. */
const MOST_IDLE = 2;

/** A module that is loaded in threads. */
export class ModuleThreads implements Family {
  readonly name: string;
  readonly prototypes: Map<string, object> = new Map();
  readonly inlineMs: number;
  readonly resourceLimits?: import('node:worker_threads').ResourceLimits;
  readonly #located: Located;
  readonly #threads: number;
  readonly #threadPerInstance: boolean;
  readonly #home: ThreadSide;
  #namespace: Readonly<Record<string, unknown>> | undefined;
  /** Those that run exported functions. */
  readonly #pool: ThreadSide[] = [];
  /** Those of instances, with how many each has. */
  readonly #busy = new Map<ThreadSide, number>();
  readonly #idle: ThreadSide[] = [];
  /** Those whose instances were closed, but not let go of. */
  readonly #closed = new Set<ThreadSide>();

  /** @param name - as the program names the module */
  constructor(name: string, located: Located, options: ThreadOptions) {
    this.name = name;
    this.#located = located;
    this.inlineMs = options.inlineMs ?? 0.05;
    if (options.resourceLimits !== undefined) this.resourceLimits = options.resourceLimits;
    this.#threads = options.threads ?? (includes(STATELESS, name) ? availableParallelism() : 1);
    this.#threadPerInstance = options.threadPerInstance ?? includes(DATABASES, name);
    this.#home = new ThreadSide(this);
    push(this.#pool, this.#home);
  }

  /** Gives the result of the module's `require()`. Suspends, or blocks. */
  get exports(): unknown {
    return this.#home.root();
  }

  /** Gives the exports of the module's `import`. Suspends, or blocks. */
  get namespace(): Readonly<Record<string, unknown>> {
    this.#namespace ??= this.#makeNamespace();
    return this.#namespace;
  }

  #makeNamespace(): Record<string, unknown> {
    const root = this.exports as Record<string, unknown>;
    const { names, isCommonJs } = this.#ask(this.#home, 'names') as { names: string[]; isCommonJs: boolean };
    const made: Record<string, unknown> = Object.create(null);
    for (const name of each(names)) {
      const isRoot = isCommonJs && (name === 'default' || name === 'module.exports');
      made[name] = isRoot ? root : root[name];
    }
    return made;
  }

  load(side: ThreadSide): unknown {
    return this.#ask(side, 'load');
  }

  #ask(side: ThreadSide, operation: 'load' | 'names'): unknown {
    const { specifier, from } = this.#located;
    return side.link.request(operation, [specifier, from], undefined, {
      what: `${THREAD} of ${this.name}: import`,
    });
  }

  sideForInstance(side: ThreadSide): ThreadSide {
    if (!this.#threadPerInstance) return side;
    let found = shift(this.#idle);
    while (found !== undefined && found.link.failure !== undefined) found = shift(this.#idle);
    found ??= this.#busy.size < MOST_THREADS ? new ThreadSide(this) : this.#leastBusy();
    this.#busy.set(found, (this.#busy.get(found) ?? 0) + 1);
    return found;
  }

  #leastBusy(): ThreadSide {
    let best = this.#home;
    let least = Number.POSITIVE_INFINITY;
    this.#busy.forEach((count, side) => {
      if (count >= least) return;
      best = side;
      least = count;
    });
    return best;
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
    const left = (this.#busy.get(side) ?? 0) - 1;
    if (left > 0 && !isDropped) {
      this.#busy.set(side, left);
      return;
    }
    if (left < 0 && !(isDropped && this.#closed.has(side))) return;
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

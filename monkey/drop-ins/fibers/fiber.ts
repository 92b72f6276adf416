// node-fibers' `Fiber`, on our coroutines. What is checked first, and what errors say, is as in fibers 5.0.3.
import { Coroutine } from '../../../runtime/drop-ins/coroutine.js';
import { info } from '../../../runtime/tasks/info.js';

/** A function that can give up control in the middle, and get it back. */
export interface Fiber {
  /** Begins or resumes; gives what the fiber yields or returns, and throws what it throws. */
  run(value?: unknown): unknown;
  /** Has the pending `yield()` throw `error`; gives what {@link run} gives. */
  throwInto(error?: unknown): unknown;
  /** Ends a fiber that is yielding: its pending `yield()`, and all that follow, throw. */
  reset(): unknown;
  /** True from the first `run()` until the function has ended. */
  readonly started: boolean;
}

/** The `fibers` module. */
export interface FiberConstructor {
  new (fn: (value?: never) => unknown): Fiber;
  (fn: (value?: never) => unknown): Fiber;
  readonly prototype: Fiber;
  /** Gives control back to the code that ran the running fiber; returns the value of the next `run()`. */
  yield(value?: unknown): unknown;
  /** The fiber that runs; undefined outside of fibers. */
  readonly current: Fiber | undefined;
  /** Kept for those who set it: aevent keeps the stacks of ended fibers anyway. */
  poolSize: number;
  /** How many stacks were made so far, for fibers and tasks. */
  readonly fibersCreated: number;
}

const DEFAULT_POOL_SIZE = 120;

const states = new WeakMap<object, FiberState>();

/** A fiber without its handle: only its own stack, which must not keep the handle alive, holds it while it yields. */
class FiberState extends Coroutine {
  readonly #fn: (...args: unknown[]) => unknown;
  readonly #weakHandle: WeakRef<Fiber>;
  /** While it runs. */
  #handle: Fiber | undefined;
  /** Handed over by the next switch, in either direction. */
  #args: readonly unknown[] = [];
  #threw = false;
  /** Thrown by each `yield()` once the fiber is to be unwound. */
  #zombie: Error | undefined;

  constructor(handle: Fiber, fn: (...args: unknown[]) => unknown) {
    super();
    this.#weakHandle = new WeakRef(handle);
    this.#fn = fn;
  }

  get handle(): Fiber | undefined {
    return this.#handle;
  }

  get started(): boolean {
    return this.state !== 'idle';
  }

  get yielding(): boolean {
    return this.state === 'left';
  }

  /** Hands `args` in; gives what comes out. Undefined if the fiber suspended, as any task may. */
  hand(args: readonly unknown[], threw = false): unknown {
    this.#args = args;
    this.#threw = threw;
    this.#handle = this.#weakHandle.deref();
    return this.enter() ? undefined : this.#take();
  }

  unwind(): unknown {
    const zombie = new Error('This Fiber is a zombie');
    this.#zombie = zombie;
    try {
      return this.hand([zombie], true);
    } catch (error) {
      if (error !== zombie) throw error;
      return undefined;
    }
  }

  yield(value: unknown): unknown {
    if (this.#zombie !== undefined) throw this.#zombie;
    this.#args = [value];
    this.#threw = false;
    this.#handle = undefined;
    try {
      this.leave('Fiber.yield()');
    } catch (error) {
      this.#handle = this.#weakHandle.deref(); // it could not leave
      throw error;
    }
    return this.#take();
  }

  protected body(): void {
    try {
      this.#args = [Reflect.apply(this.#fn, globalThis, this.#args)];
    } finally {
      this.#handle = undefined;
      this.#zombie = undefined;
    }
  }

  #take(): unknown {
    const [value] = this.#args;
    this.#args = [];
    if (!this.#threw) return value;
    this.#threw = false;
    throw value;
  }
}

/** A fiber that cannot be run any more is unwound, so that what its stack holds is let go. */
const abandoned = new FinalizationRegistry<FiberState>((state) => {
  if (state.yielding) state.unwind();
});

function stateOf(fiber: unknown): FiberState {
  const state = states.get(fiber as object);
  if (state === undefined) throw new TypeError('Illegal invocation');
  return state;
}

function running(): FiberState | undefined {
  const { current } = Coroutine;
  return current instanceof FiberState ? current : undefined;
}

const requireYielding = (state: FiberState): void => {
  if (!state.yielding) throw new Error('This Fiber is not yielding');
};

function construct(this: unknown, ...args: unknown[]): Fiber {
  const [fn] = args;
  if (args.length !== 1) throw new TypeError('Fiber expects 1 argument');
  if (typeof fn !== 'function') throw new TypeError('Fiber expects a function');
  const target = new.target ?? (construct as unknown as FiberConstructor);
  const handle = Object.create(target.prototype as object) as Fiber;
  const state = new FiberState(handle, fn as (...args: unknown[]) => unknown);
  states.set(handle, state);
  abandoned.register(handle, state);
  return handle;
}

const methods = {
  run(this: unknown, ...args: unknown[]): unknown {
    const state = stateOf(this);
    if (state.started && !state.yielding) throw new Error('This Fiber is already running');
    if (args.length > 1) throw new TypeError('run() excepts 1 or no arguments');
    return state.hand(args);
  },
  throwInto(this: unknown, ...args: unknown[]): unknown {
    const state = stateOf(this);
    requireYielding(state);
    if (args.length > 1) throw new TypeError('throwInto() expects 1 or no arguments');
    return state.hand(args, true);
  },
  reset(this: unknown, ...args: unknown[]): unknown {
    const state = stateOf(this);
    if (!state.started) return undefined;
    requireYielding(state);
    if (args.length > 0) throw new TypeError('reset() expects no arguments');
    return state.unwind();
  },
};

let poolSize = DEFAULT_POOL_SIZE;

Object.assign(construct.prototype as object, methods);
Object.defineProperties(construct.prototype, {
  started: {
    get(this: object) {
      return states.get(this)?.started;
    },
    enumerable: true,
    configurable: true,
  },
});
Object.defineProperties(construct, {
  name: { value: 'Fiber', configurable: true },
  yield: {
    value: (...args: unknown[]): unknown => {
      const state = running();
      if (state === undefined) throw new Error('yield() called with no fiber running');
      if (args.length > 1) throw new TypeError('yield() expects 1 or no arguments');
      return state.yield(args[0]);
    },
    writable: true,
    enumerable: true,
    configurable: true,
  },
  current: { get: () => running()?.handle, enumerable: true, configurable: true },
  poolSize: {
    get: () => poolSize,
    set(size: unknown) {
      poolSize = Number(size);
    },
    enumerable: true,
    configurable: true,
  },
  fibersCreated: { get: () => info().carriers.made, enumerable: true, configurable: true },
});

/** The drop-in for `require('fibers')`. */
export const Fiber: FiberConstructor = construct as unknown as FiberConstructor;

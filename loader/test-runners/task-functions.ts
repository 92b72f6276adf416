// Shared by the doors for test runners: functions that a runner is given are run as tasks, and the function that registers them
// keeps its members (`test.only`, `test.each(…)`).
import { open } from '../../runtime/base/instance.js';
import type { ExploreOptions } from '../../runtime/modules/testing/explore.js';
import type * as testing from '../../runtime/modules/testing/index.js';
import type * as testRun from '../../runtime/modules/testing/test-run.js';

export type { TestRunOptions } from '../../runtime/modules/testing/test-run.js';

const run = open<typeof testRun>('test-run', import.meta.url);
/** See runtime/modules/testing/test-run.ts; of the instance that this thread has. */
export const runTest: typeof testRun.runTest = run.runTest;
/** The same. */
export const provideClock: typeof testRun.provideClock = run.provideClock;
/** The same. */
export const prepareForTests: typeof testRun.prepareForTests = run.prepareForTests;
const { explore } = open<typeof testing>('./testing', import.meta.url);

/** A function of any kind. */
export type Fn = (this: unknown, ...args: unknown[]) => unknown;

/** A source of chance that belongs to a run's seed. */
export type Random = testing.Random;

/** Options of `test.explore()`: those of `explore()`, and the test's time-out for all runs together. */
export interface ExploreTestOptions extends ExploreOptions {
  /** Milliseconds. Default: the runner's. */
  timeout?: number;
}

/** Registers a test that tries many schedules of its tasks, see `explore()` of `aevent/testing`. */
export interface ExploreTest<Context> {
  (name: string, fn: (random: Random, context: Context) => unknown): void;
  (name: string, options: ExploreTestOptions, fn: (random: Random, context: Context) => unknown): void;
}

/** Gives `wrapper` the name, length and source of `fn`, which runners look at. */
export function likeFunction(wrapper: Fn, fn: Fn, length: number = fn.length): Fn {
  return Object.defineProperties(wrapper, {
    name: { value: fn.name, configurable: true },
    length: { value: length, configurable: true },
    toString: { value: () => Function.prototype.toString.call(fn), configurable: true },
  });
}

/** Calls a function that takes a callback last, and waits for that. */
export function untilDone(fn: Fn, self: unknown, args: readonly unknown[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: unknown): void => {
      if (error === undefined || error === null) resolve();
      else reject(error);
    };
    Object.assign(done, { fail: (error: unknown) => reject(error) });
    Reflect.apply(fn, self, [...args, done]);
  });
}

/** A test or hook, as a function of the runner registers it. */
export type Kind = 'test' | 'suite' | 'hook';

/** Of a runner's functions, what they have as members: other ones, the same in another mode, or what gives such. */
export type Members = Readonly<Record<string, Kind | 'mode' | 'gives'>>;

/** Registers a test of that name, with a function that is given the test's context. */
type Register<Context> = (
  name: string,
  options: { timeout?: number },
  fn: (context: Context) => unknown,
) => unknown;

/** The functions of a runner, made to run as tasks what they are given. */
export class TaskRunner<Context> {
  readonly #asTask: (fn: Fn, kind: 'test' | 'hook', args: readonly unknown[]) => Fn;
  readonly #members: Members;
  readonly #explore: ExploreTest<Context>;

  /**
   * @param test - the runner's function for tests
   * @param asTask - makes what the runner is given of a function, and of what is beside it
   */
  constructor(
    test: object,
    members: Members,
    asTask: (fn: Fn, kind: 'test' | 'hook', args: readonly unknown[]) => Fn,
  ) {
    this.#asTask = asTask;
    this.#members = members;
    const register = this.of(test, 'test') as unknown as Register<Context>;
    this.#explore = exploring((name, timeout, fn) =>
      register(name, timeout === undefined ? {} : { timeout }, fn),
    );
  }

  /** The runner's function for tests; its member `explore` tries many schedules of a test's tasks. */
  test<F extends object>(test: F): F & { readonly explore: ExploreTest<Context> } {
    return this.of(test, 'test') as F & { readonly explore: ExploreTest<Context> };
  }

  /** Another function of the runner's. */
  of<F extends object>(api: F, kind: Kind): F {
    return new Proxy(api, {
      apply: (target, self, args: unknown[]) => {
        const wrap = (arg: unknown): unknown =>
          typeof arg === 'function' ? this.#asTask(arg as Fn, kind === 'test' ? kind : 'hook', args) : arg;
        return Reflect.apply(target as unknown as Fn, self, args.map(wrap));
      },
      get: (target, key) => {
        if (kind === 'test' && key === 'explore') return this.#explore;
        return this.#member(target, kind, key, Reflect.get(target, key));
      },
    });
  }

  #member(target: object, kind: Kind, key: string | symbol, value: unknown): unknown {
    if (typeof key !== 'string' || typeof value !== 'function' || !Object.hasOwn(this.#members, key))
      return value;
    const member = this.#members[key] as Kind | 'mode' | 'gives';
    if (member === 'mode') return this.of(value, kind);
    if (member !== 'gives') return this.of(value, member);
    return (...args: unknown[]) => {
      const given: unknown = Reflect.apply(value, target, args);
      return typeof given === 'function' ? this.of(given, kind) : given;
    };
  }
}

/** Makes `test.explore()` of what registers a test. */
export function exploring<Context>(
  register: (name: string, timeoutMs: number | undefined, fn: (context: Context) => Promise<void>) => unknown,
): ExploreTest<Context> {
  type Body = (random: Random, context: Context) => unknown;
  return (name: string, options: ExploreTestOptions | Body, body?: Body) => {
    const [given, fn] = typeof options === 'function' ? [{}, options] : [options, body];
    const { timeout, ...rest } = given;
    register(name, timeout, (context) => explore((random) => (fn as Body)(random, context), rest));
  };
}

/** The number of milliseconds that is given for a time-out, as last argument or in options. */
export function givenTimeout(args: readonly unknown[]): number | undefined {
  for (const arg of args) {
    if (typeof arg === 'number') return arg;
    if (typeof arg === 'object' && arg !== null && 'timeout' in arg && typeof arg.timeout === 'number')
      return arg.timeout;
  }
  return undefined;
}

// What the doors for test runners have in common: functions that a runner is given are run as tasks, and what registers them
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

/** What becomes of a member of an API: another one that registers, a function that gives one, or a test that explores. */
export type Member = 'same' | 'gives' | Registering;

/** How functions are registered. */
export interface Registering {
  /** Makes what the runner is given of a function, and of the options beside it. */
  readonly wrap: (fn: Fn, args: readonly unknown[]) => Fn;
  /** Members that are not just handed on. */
  readonly members: () => Readonly<Record<string, Member>>;
  /** Members that the runner does not have. */
  readonly added?: Readonly<Record<string, unknown>>;
}

/** Gives an API of the runner's whose functions are run as tasks. */
export function registering<F extends object>(api: F, how: Registering): F {
  return new Proxy(api, {
    apply(target, self, args: unknown[]) {
      const given = args.map((arg) => (typeof arg === 'function' ? how.wrap(arg as Fn, args) : arg));
      return Reflect.apply(target as unknown as Fn, self, given);
    },
    get(target, key) {
      if (typeof key === 'string' && how.added !== undefined && Object.hasOwn(how.added, key))
        return how.added[key];
      const value: unknown = Reflect.get(target, key);
      const members = how.members();
      if (typeof key !== 'string' || typeof value !== 'function' || !Object.hasOwn(members, key))
        return value;
      const member = members[key] as Member;
      if (member === 'same') return registering(value, how);
      if (member !== 'gives') return registering(value, member);
      return (...args: unknown[]) => {
        const given: unknown = Reflect.apply(value, target, args);
        return typeof given === 'function' ? registering(given, how) : given;
      };
    },
  });
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

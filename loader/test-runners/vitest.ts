/**
 * `aevent/vitest`: the functions of vitest that take functions, which run these as tasks. A test has a CancelScope with its
 * time-out, and fails if tasks that it has started go on after it; the `clock` of its context is a MockClock.
 * @see https://vitest.dev/api/
 */
import * as vitest from 'vitest';
import type { MockClock } from '../../runtime/modules/testing/mock-clock.js';
import {
  type ExploreTest,
  exploring,
  type Fn,
  givenTimeout,
  likeFunction,
  prepareForTests,
  provideClock,
  type Registering,
  registering,
  runTest,
} from './task-functions.js';

export type { ExploreTest, ExploreTestOptions } from './task-functions.js';

declare module 'vitest' {
  interface TestContext {
    /** A clock for this test that stands still, in force from when it is first read. Of `aevent/vitest` only. */
    readonly clock: MockClock;
  }
}

type Explore = { readonly explore: ExploreTest<vitest.TestContext> };

prepareForTests();

interface Context {
  readonly signal?: AbortSignal;
  readonly task?: { readonly timeout?: number };
  onTestFinished?(fn: () => void): void;
}

/** The settings of the worker that runs. */
interface Settings {
  readonly __vitest_worker__?: { readonly config?: { readonly hookTimeout?: number } };
}

function contextIn(args: readonly unknown[]): Context | undefined {
  // vitest makes it a function.
  const isContext = (arg: unknown): boolean =>
    (typeof arg === 'function' || (typeof arg === 'object' && arg !== null)) &&
    'task' in arg &&
    'onTestFinished' in arg;
  return args.find(isContext) as Context | undefined;
}

function asTask(fn: Fn, kind: 'test' | 'hook', registered: readonly unknown[]): Fn {
  const given = givenTimeout(registered);
  const run = function (this: unknown, ...args: unknown[]): Promise<unknown> {
    const context = contextIn(args);
    if (context !== undefined) provideClock(context, (uninstall) => context.onTestFinished?.(uninstall));
    const { hookTimeout } = (globalThis as Settings).__vitest_worker__?.config ?? {};
    const timeoutMs = given ?? (kind === 'test' ? context?.task?.timeout : hookTimeout);
    const body = (): unknown => Reflect.apply(fn, this, args);
    return runTest(body, { kind, timeoutMs, signal: kind === 'test' ? context?.signal : undefined });
  };
  return likeFunction(run as Fn, fn);
}

const hooks: Registering = { wrap: (fn, args) => asTask(fn, 'hook', args), members: () => ({}) };
const modes = {
  only: 'same',
  skip: 'same',
  todo: 'same',
  concurrent: 'same',
  sequential: 'same',
  shuffle: 'same',
  fails: 'same',
  each: 'gives',
  for: 'gives',
  skipIf: 'gives',
  runIf: 'gives',
  extend: 'gives',
  override: 'gives',
  scoped: 'gives',
} as const;
const members = (): Readonly<Record<string, Registering | 'same' | 'gives'>> => ({
  ...modes,
  describe: suites,
  suite: suites,
  beforeAll: hooks,
  afterAll: hooks,
  beforeEach: hooks,
  afterEach: hooks,
});
const explore: ExploreTest<vitest.TestContext> = exploring((name, timeout, fn) =>
  test(name, timeout === undefined ? {} : { timeout }, fn),
);
const tests: Registering = { wrap: (fn, args) => asTask(fn, 'test', args), members, added: { explore } };
const suites: Registering = { wrap: (fn, args) => asTask(fn, 'hook', args), members };

/** vitest's `test()`, whose functions are tasks. `test.explore()` tries many schedules of a test's tasks. */
export const test: vitest.TestAPI & Explore = registering(vitest.test, tests) as vitest.TestAPI & Explore;
/** The same as {@link test}. */
export const it: vitest.TestAPI & Explore = test;
/** vitest's `describe()`, whose functions are tasks. */
export const describe: vitest.SuiteAPI = registering(vitest.describe, suites);
/** The same as {@link describe}. */
export const suite: vitest.SuiteAPI = describe;
/** vitest's `beforeAll()`, whose functions are tasks. */
export const beforeAll: typeof vitest.beforeAll = registering(vitest.beforeAll, hooks);
/** vitest's `afterAll()`, whose functions are tasks. */
export const afterAll: typeof vitest.afterAll = registering(vitest.afterAll, hooks);
/** vitest's `beforeEach()`, whose functions are tasks. */
export const beforeEach: typeof vitest.beforeEach = registering(vitest.beforeEach, hooks);
/** vitest's `afterEach()`, whose functions are tasks. */
export const afterEach: typeof vitest.afterEach = registering(vitest.afterEach, hooks);

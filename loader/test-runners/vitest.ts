/**
 * `aevent/vitest`: the functions of vitest that take functions, which run these as tasks. A test has a CancelScope with its
 * time-out, and fails if tasks that it has started go on after it; the `clock` of its context is a MockClock.
 * @see https://vitest.dev/api/
 */
import * as vitest from 'vitest';
import type { MockClock } from '../../runtime/modules/testing/mock-clock.js';
import {
  type ExploreTest,
  type Fn,
  givenTimeout,
  likeFunction,
  prepareForTests,
  provideClock,
  runTest,
  TaskRunner,
} from './task-functions.js';

export type { ExploreTest, ExploreTestOptions } from './task-functions.js';

declare module 'vitest' {
  interface TestContext {
    /** A clock for this test that stands still, in force from when it is first read. Of `aevent/vitest` only. */
    readonly clock: MockClock;
  }
}

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

const tasks: TaskRunner<vitest.TestContext> = new TaskRunner(
  vitest.test,
  {
    only: 'mode',
    skip: 'mode',
    todo: 'mode',
    concurrent: 'mode',
    sequential: 'mode',
    shuffle: 'mode',
    fails: 'mode',
    each: 'gives',
    for: 'gives',
    skipIf: 'gives',
    runIf: 'gives',
    extend: 'gives',
    override: 'gives',
    scoped: 'gives',
    describe: 'suite',
    suite: 'suite',
    beforeAll: 'hook',
    afterAll: 'hook',
    beforeEach: 'hook',
    afterEach: 'hook',
  },
  asTask,
);

/** vitest's `test()`, whose functions are tasks. `test.explore()` tries many schedules of a test's tasks. */
export const test: vitest.TestAPI & { readonly explore: ExploreTest<vitest.TestContext> } = tasks.test(
  vitest.test,
);
/** The same as {@link test}. */
export const it: typeof test = test;
/** vitest's `describe()`, whose functions are tasks. */
export const describe: vitest.SuiteAPI = tasks.of(vitest.describe, 'suite');
/** The same as {@link describe}. */
export const suite: vitest.SuiteAPI = describe;
/** vitest's `beforeAll()`, whose functions are tasks. */
export const beforeAll: typeof vitest.beforeAll = tasks.of(vitest.beforeAll, 'hook');
/** vitest's `afterAll()`, whose functions are tasks. */
export const afterAll: typeof vitest.afterAll = tasks.of(vitest.afterAll, 'hook');
/** vitest's `beforeEach()`, whose functions are tasks. */
export const beforeEach: typeof vitest.beforeEach = tasks.of(vitest.beforeEach, 'hook');
/** vitest's `afterEach()`, whose functions are tasks. */
export const afterEach: typeof vitest.afterEach = tasks.of(vitest.afterEach, 'hook');

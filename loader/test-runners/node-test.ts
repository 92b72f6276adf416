/**
 * `aevent/node-test`: the functions of `node:test`, which run what they are given as tasks. A test has a CancelScope with its
 * `timeout`, and fails if tasks that it has started go on after it; its `t.clock` is a MockClock.
 * @see https://nodejs.org/api/test.html
 */
import nodeTest from 'node:test';
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
  untilDone,
} from './task-functions.js';

export type { ExploreTest, ExploreTestOptions } from './task-functions.js';

type NodeTest = typeof nodeTest;

declare module 'node:test' {
  interface TestContext {
    /** A clock for this test that stands still, in force from when it is first read. Of `aevent/node-test` only. */
    readonly clock: MockClock;
  }
}

prepareForTests();

/** The functions of a test's context that register others. */
const OF_CONTEXT = ['test', 'before', 'after', 'beforeEach', 'afterEach'];

interface Context {
  readonly signal?: AbortSignal;
  after?(fn: () => void): void;
  [name: string]: unknown;
}

/** `(t, done)`: Node takes a function of two parameters for one that calls back. */
const CALLBACK_LENGTH = 2;

function asTask(fn: Fn, kind: 'test' | 'hook', args: readonly unknown[]): Fn {
  const timeoutMs = givenTimeout(args);
  const run = function (this: unknown, context?: Context): Promise<unknown> {
    if (context !== undefined) provide(context);
    const body = (): unknown =>
      fn.length === CALLBACK_LENGTH ? untilDone(fn, this, [context]) : Reflect.apply(fn, this, [context]);
    return runTest(body, { kind, timeoutMs, signal: kind === 'test' ? context?.signal : undefined });
  };
  return likeFunction(run as Fn, fn, Math.min(fn.length, 1));
}

const provided = new WeakSet<Context>();

function provide(context: Context): void {
  if (provided.has(context)) return;
  provided.add(context);
  // A suite's has neither.
  const { after } = context;
  if (typeof after !== 'function') return;
  provideClock(context, (uninstall) => after.call(context, uninstall));
  for (const name of OF_CONTEXT) {
    const own = context[name];
    if (typeof own !== 'function') continue;
    const value = tasks.of(own.bind(context), name === 'test' ? 'test' : 'hook');
    Object.defineProperty(context, name, { value, configurable: true, writable: true });
  }
}

const tasks: TaskRunner<nodeTest.TestContext> = new TaskRunner(
  nodeTest,
  {
    only: 'mode',
    skip: 'mode',
    todo: 'mode',
    expectFailure: 'mode',
    test: 'test',
    it: 'test',
    describe: 'suite',
    suite: 'suite',
    before: 'hook',
    after: 'hook',
    beforeEach: 'hook',
    afterEach: 'hook',
  },
  asTask,
);

/** `test()` of `node:test`, whose functions are tasks. `test.explore()` tries many schedules of a test's tasks. */
export const test: NodeTest & { readonly explore: ExploreTest<nodeTest.TestContext> } = tasks.test(nodeTest);
/** The same as {@link test}. */
export const it: typeof test = test;
/** `describe()` of `node:test`, whose functions are tasks. */
export const describe: NodeTest['describe'] = tasks.of(nodeTest.describe, 'suite');
/** The same as {@link describe}. */
export const suite: NodeTest['describe'] = describe;
/** `before()` of `node:test`, whose functions are tasks. */
export const before: NodeTest['before'] = tasks.of(nodeTest.before, 'hook');
/** `after()` of `node:test`, whose functions are tasks. */
export const after: NodeTest['after'] = tasks.of(nodeTest.after, 'hook');
/** `beforeEach()` of `node:test`, whose functions are tasks. */
export const beforeEach: NodeTest['beforeEach'] = tasks.of(nodeTest.beforeEach, 'hook');
/** `afterEach()` of `node:test`, whose functions are tasks. */
export const afterEach: NodeTest['afterEach'] = tasks.of(nodeTest.afterEach, 'hook');
/** As in `node:test`. */
export const mock: NodeTest['mock'] = nodeTest.mock;
/** As in `node:test`. */
export const run: NodeTest['run'] = nodeTest.run;
export default test;

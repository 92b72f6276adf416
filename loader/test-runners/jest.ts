/**
 * `aevent/jest`, for `testEnvironment`: Jest's Node environment, in which tests and hooks are tasks. A test has a CancelScope
 * with its time-out, and fails if tasks that it has started go on after it; `this.clock` is a MockClock in a test that is no
 * arrow function. Generator functions are left to Jest.
 * @see https://jestjs.io/docs/configuration#testenvironment-string
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { open } from '../../runtime/base/instance.js';
import {
  type ExploreTest,
  exploring,
  type Fn,
  likeFunction,
  prepareForTests,
  provideClock,
  runTest,
  untilDone,
} from './task-functions.js';

export type { ExploreTest, ExploreTestOptions } from './task-functions.js';

declare global {
  namespace jest {
    /** Of @types/jest. */
    interface It {
      /** Registers a test that tries many schedules of its tasks. Of `aevent/jest` only. */
      readonly explore: ExploreTest<undefined>;
    }
  }
}

/** An event of jest-circus, as far as it matters here. */
interface Event {
  readonly name: string;
  readonly test?: Runnable;
  readonly hook?: Runnable;
  readonly runtimeGlobals?: { readonly test: RegisterTest; readonly it: RegisterTest };
}

interface Runnable {
  fn?: Fn | null;
  readonly timeout?: number | null;
}

type RegisterTest = (name: string, fn: () => unknown, timeoutMs?: number) => void;

interface State {
  readonly testTimeout: number;
}

/** Jest's Node environment, as far as it is of interest here. */
interface Environment {
  handleTestEvent?(event: Event, state: State): void | Promise<void>;
}

type EnvironmentClass = new (...args: unknown[]) => Environment;

/** The project may see Jest alone, not what that depends on. */
function environmentOfProject(): EnvironmentClass {
  const name = 'jest-environment-node';
  let from = join(process.cwd(), 'package.json');
  for (const next of ['jest', '@jest/core', 'jest-config', undefined]) {
    const require = createRequire(from);
    try {
      return (require(name) as { TestEnvironment: EnvironmentClass }).TestEnvironment;
    } catch (error) {
      if (next === undefined || (error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
    try {
      from = require.resolve(next);
    } catch {
      // Perhaps the next one is found from here.
    }
  }
  throw new Error('not reached');
}

open('jest', import.meta.url);
prepareForTests();

const wrapped = new WeakSet<Fn>();
/** Takes the clock of the running test out of force. */
let uninstallClock: (() => void) | undefined;

function asTask(fn: Fn, kind: 'test' | 'hook', timeoutMs: number): Fn {
  const run = function (this: unknown): Promise<unknown> {
    if (typeof this === 'object' && this !== null) {
      provideClock(this, (uninstall) => {
        uninstallClock = uninstall;
      });
    }
    const body = (): unknown => (fn.length > 0 ? untilDone(fn, this, []) : Reflect.apply(fn, this, []));
    return runTest(body, { kind, timeoutMs });
  };
  // Of no parameters: for Jest a first one is a callback.
  return likeFunction(run as Fn, fn, 0);
}

function makeTask(runnable: Runnable, kind: 'test' | 'hook', state: State): void {
  const { fn, timeout } = runnable;
  if (typeof fn !== 'function' || wrapped.has(fn) || /^Generator/.test(fn.constructor.name)) return;
  runnable.fn = asTask(fn, kind, timeout ?? state.testTimeout);
  wrapped.add(runnable.fn);
}

const Base: EnvironmentClass = environmentOfProject();

/** Jest's Node environment whose tests and hooks are tasks. */
export class TestEnvironment extends Base {
  /** Jest's, for each event of jest-circus. */
  override async handleTestEvent(event: Event, state: State): Promise<void> {
    if (event.name === 'test_start' && event.test) makeTask(event.test, 'test', state);
    else if (event.name === 'hook_start' && event.hook) makeTask(event.hook, 'hook', state);
    else if (event.name === 'test_done') {
      uninstallClock?.();
      uninstallClock = undefined;
    } else if (event.name === 'setup' && event.runtimeGlobals) {
      const { test } = event.runtimeGlobals;
      const explore = exploring<undefined>((name, timeoutMs, fn) =>
        test(name, () => fn(undefined), timeoutMs),
      );
      Object.assign(test, { explore });
    }
    await super.handleTestEvent?.(event, state);
  }
}

export default TestEnvironment;

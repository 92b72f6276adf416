// One test, or hook of a test, as a task: the part that the doors for test runners (loader/test-runners/) share. The time-out
// goes by real time, whatever clock the test has installed.
// Guarded by test/runtime/modules/testing/test-run.test.ts.
import { startBackend } from '../../backend/backend.js';
import { whenAborted } from '../../base/abort-listeners.js';
import { globals } from '../../base/builtins.js';
import { systemClock } from '../../base/clock.js';
import { AeventError, TooSlowError } from '../../base/errors.js';
import { CancelScope, currentScope, noError } from '../../cancellation/cancel-scope.js';
import { describeParked } from '../../process-end/deadlock-report.js';
import type { Scope } from '../../suspension/scope.js';
import { requireStack } from '../../suspension/stack-room.js';
import { asRunner } from '../../tasks/runner.js';
import { named, Task } from '../../tasks/task.js';
import { TaskGroup } from '../../tasks/task-group.js';
import { MockClock } from './mock-clock.js';

/** Cancelled tasks have so long to end, in milliseconds, before their test fails without them. */
const GRACE_MS = 1000;
/** Tasks that only have to end do so within as many turns of the event loop. */
const TURNS = 10;

/** Starts the backend: not in the first test, whose time-out it would take from. */
export function prepareForTests(): void {
  try {
    startBackend();
  } catch {
    // The first test says why.
  }
}

/** A test or hook, as its runner knows it. */
export interface TestRunOptions {
  /** As errors name it: `test`, or `hook`. A hook may leave tasks to its tests. */
  readonly kind: 'test' | 'hook';
  /** The runner's time-out, in milliseconds. Default: Infinity. */
  readonly timeoutMs?: number | undefined;
  /** Cancels the test, without an error of its own: the runner has one. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `fn` as the main task of a runner, in a CancelScope that the time-out cancels. The time-out comes a little before the
 * runner's own (a tenth of it, at most 50 ms), so that the test fails with the name of its wait.
 * @returns the result of `fn`
 * @throws the error of `fn`; {@link TooSlowError} with the dump of the suspended calls; {@link AeventError}
 *   `AEVENT_LEFTOVER_TASKS` with a dump if tasks that the test has started go on after it
 */
export async function runTest<T>(
  fn: () => T | PromiseLike<T>,
  { kind, timeoutMs = Number.POSITIVE_INFINITY, signal }: TestRunOptions,
): Promise<T> {
  const startedAt = systemClock.now();
  startBackend();
  requireStack();
  const tasks = asRunner(new TaskGroup(currentScope(), kind === 'hook' ? raise : undefined));
  const scope = tasks.cancelScope;
  const abort = (): void => scope.cancel(signal?.reason);
  if (signal?.aborted) abort();
  const stopListening = signal === undefined ? undefined : whenAborted(signal, abort);
  try {
    return await withinTime({ startedAt, timeoutMs, kind, scope }, mainTask(fn, tasks, kind));
  } finally {
    stopListening?.();
  }
}

/** A task that a hook has left to its tests fails: an unhandled rejection, which runners report. */
function raise(error: unknown): void {
  void Promise.reject(error);
}

interface Limit {
  readonly startedAt: number;
  readonly timeoutMs: number;
  readonly kind: string;
  readonly scope: CancelScope;
}

async function withinTime<T>({ startedAt, timeoutMs, kind, scope }: Limit, ending: Promise<T>): Promise<T> {
  if (!Number.isFinite(timeoutMs) || timeoutMs <= 0) return ending;
  const marginMs = Math.min(50, timeoutMs / 10);
  let tooSlow: TooSlowError | undefined;
  let stop: () => void = () => {};
  const givenUp = new Promise<never>((_, reject) => {
    const leftMs = timeoutMs - marginMs - (systemClock.now() - startedAt);
    stop = systemClock.startTimer(Math.max(0, leftMs), () => {
      const message = `this ${kind} was not done within its ${timeoutMs} ms, and was cancelled${dump(scope)}`;
      tooSlow = new TooSlowError(timeoutMs, message);
      scope.cancel(tooSlow);
      // Async code that awaits anything else hears nothing of it.
      stop = systemClock.startTimer(marginMs / 2, () => reject(tooSlow));
    });
  });
  try {
    const value = await Promise.race([ending, givenUp]);
    // A wait that was interrupted is no success.
    if (tooSlow === undefined) return value;
  } catch (error) {
    if (tooSlow === undefined) throw error;
  } finally {
    stop();
  }
  throw tooSlow;
}

async function mainTask<T>(
  fn: () => T | PromiseLike<T>,
  tasks: TaskGroup,
  kind: 'test' | 'hook',
): Promise<T> {
  const scope = tasks.cancelScope;
  let value: T | undefined;
  let failure: unknown = noError;
  try {
    value = await Task.start(
      CancelScope.within(scope),
      'patched',
      named(() => fn(), { name: kind }),
      [],
    );
  } catch (error) {
    failure = error;
  }
  // Tasks of a hook are for the tests that follow.
  if (kind === 'hook' && failure === noError) return value as T;
  let leftover: AeventError | undefined;
  if (failure === noError) {
    for (let i = 0; i < TURNS && tasksIn(scope, tasks).length > 0; i++) await turn();
    if (tasksIn(scope, tasks).length > 0) leftover = leftoverTasks(scope, tasks);
  }
  if (leftover !== undefined || failure !== noError) {
    scope.cancel(leftover ?? failure);
    const end = systemClock.now() + GRACE_MS;
    while (tasksIn(scope).length > 0 && systemClock.now() < end) await turn();
    if (tasksIn(scope).length > 0) throw leftover ?? failure;
  }
  await tasks.leaveAsync(failure);
  if (leftover !== undefined) throw leftover;
  return value as T;
}

const isWithin = (inner: Scope | undefined, outer: CancelScope): boolean => {
  let scope = inner;
  while (scope !== undefined && scope !== outer) scope = scope.parent;
  return scope === outer;
};

/** The tasks that a test has started and that go on, but for daemons and tasks that those have started. */
function tasksIn(scope: CancelScope, group?: TaskGroup): Task[] {
  return [...Task.live].filter((task) => {
    for (let at: CancelScope | undefined = task.scope; at !== undefined && at !== scope; at = at.parent)
      if (group?.isDaemon(at)) return false;
    return isWithin(task.scope, scope);
  });
}

function leftoverTasks(scope: CancelScope, tasks: TaskGroup): AeventError {
  const names = tasksIn(scope, tasks).map(({ name }) => name);
  return new AeventError(
    'AEVENT_LEFTOVER_TASKS',
    `${names.length} task(s) that the test has started go on after it: ${names.join(', ')}. They were cancelled. Wait for them ` +
      `(handle.wait(), await aevent.call(…), a task group), cancel them, or make them daemons${dump(scope)}`,
  );
}

function dump(scope: CancelScope): string {
  const parked = describeParked((context) => isWithin(context.scope, scope));
  return parked === '' ? '.' : `:\n${parked.trimEnd()}`;
}

const turn = (): Promise<void> => new Promise((resolve) => globals.setImmediate(resolve));

/**
 * Gives an object `clock`: a {@link MockClock} that stands still, in force from when it is first read.
 * @param atEnd - gets the function that takes it out of force again
 */
export function provideClock(context: object, atEnd: (uninstall: () => void) => void): void {
  if ('clock' in context || !Object.isExtensible(context)) return;
  let clock: MockClock | undefined;
  Object.defineProperty(context, 'clock', {
    configurable: true,
    enumerable: true,
    get() {
      if (clock !== undefined) return clock;
      clock = new MockClock();
      const installed = clock.install();
      atEnd(() => {
        clock = undefined;
        installed[Symbol.dispose]();
      });
      return clock;
    },
  });
}

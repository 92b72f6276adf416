import { startTimer } from '../../../../dist/runtime/base/clock.js';
import { type CancelScope, run, type TaskGroup, taskGroup } from '../../../../dist/runtime/index.js';
import { suspend } from '../../../../dist/runtime/modules/lowlevel.js';
import { MockClock, type Random } from '../../../../dist/runtime/modules/testing/index.js';

/** Suspends the current task for so long, by the clock in force. */
export function sleep(ms: number): void {
  suspend<void>('sleep', (wait) => startTimer(ms, () => wait.resolve()));
}

/** The same for async code. */
export function sleepAsync(ms: number): Promise<void> {
  return new Promise((resolve) => void startTimer(ms, resolve));
}

/** Runs `body` as a runner's main task, with a clock that jumps as soon as there is nothing else to do. */
export async function timed<T>(body: (clock: MockClock) => T | PromiseLike<T>): Promise<T> {
  const clock = new MockClock({ autojumpThresholdMs: 0 });
  const installed = clock.install();
  try {
    return await run<[MockClock], T>(body, clock);
  } finally {
    installed[Symbol.dispose]();
  }
}

/** Runs `body` with a task group, and waits for its tasks; in a task. */
export function inGroup(body: (tasks: TaskGroup) => void): void {
  taskGroup((tasks) => {
    body(tasks);
  });
}

/** Runs each function as a task, all at once, and waits for them; in a task. */
export function atOnce(...bodies: (() => unknown)[]): void {
  inGroup((tasks) => {
    for (const body of bodies) tasks.spawn(body);
  });
}

/** Has some tasks of a group be cancelled, at random moments. */
export function cancelSome(
  tasks: TaskGroup,
  scopes: readonly CancelScope[],
  random: Random,
  withinMs: number,
): void {
  for (const scope of scopes) {
    if (random.chance(0.4)) {
      tasks.spawn(() => {
        sleep(random.below(withinMs + 1));
        scope.cancel('at random');
      });
    }
  }
}

/** No time-out, none at all, or a short one. */
export function someTimeout(random: Random): number | undefined {
  return random.pick([undefined, undefined, 0, 1, 2, 3]);
}

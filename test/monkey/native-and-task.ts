// What a call gives natively and in a task, so that every difference shows.
import { inspect } from 'node:util';
import { call } from '../../dist/runtime/index.js';

type Outcome = { value: string } | { thrown: string };

function outcome(run: () => unknown, describe: (value: unknown) => unknown): Outcome {
  try {
    return { value: inspect(describe(run()), { depth: 5, maxStringLength: 500 }) };
  } catch (error) {
    if (!(error instanceof Error)) return { thrown: inspect(error) };
    const { name, message, stack = '' } = error;
    const own = Object.entries(error).filter(([key]) => key !== 'stack');
    const shown = stack.split('\n')[0];
    return { thrown: inspect({ name, message, shown, frames: stack.includes('\n    at '), own }) };
  }
}

/**
 * Makes a call natively and then in a task.
 * @param describe - what is compared of a result; default: the result
 */
export async function nativelyAndInTask<M>(
  real: M,
  ours: M,
  run: (module: M) => unknown,
  describe: (value: unknown) => unknown = (value) => value,
): Promise<{ native: Outcome; task: Outcome }> {
  const native = outcome(() => run(real), describe);
  const task = await call(() => outcome(() => run(ours), describe));
  return { native, task };
}

/** Runs `work` as a task; counts how often the event loop turned meanwhile. */
export async function loopTurnsDuring(work: () => unknown): Promise<number> {
  let turns = 0;
  let over = false;
  const beat = (): void => {
    turns++;
    if (!over) setImmediate(beat);
  };
  const task = call(() => {
    setImmediate(beat);
    try {
      work();
      return turns;
    } finally {
      over = true;
    }
  });
  return task;
}

/** Runs `work` as a task; tells whether anything else ran before it was done. */
export async function letsOthersRun(work: () => unknown): Promise<boolean> {
  return call(() => {
    let ran = false;
    queueMicrotask(() => {
      ran = true;
    });
    work();
    return ran;
  });
}

// `explore()`: a test under many schedules.
import { builtin, globals } from '../../base/builtins.js';
import { messageOf } from '../../base/describe.js';
import { AeventError, requireFunction } from '../../base/errors.js';
import { describeParked } from '../../process-end/deadlock-report.js';
import { switches } from '../../tasks/info.js';
import { run } from '../../tasks/runner.js';
import { checked } from './checked.js';
import { MockClock } from './mock-clock.js';
import { Random } from './random.js';
import { RandomSchedule, type RandomScheduleOptions } from './schedule.js';

const process = builtin<typeof import('node:process')>('process');

/** Options of {@link explore}. */
export interface ExploreOptions extends RandomScheduleOptions {
  /** How many schedules to try. Default: 100. */
  runs?: number;
  /** The first one's seed; the others follow it. Default: the environment variable `AEVENT_SEED`, else a new one. */
  seed?: number;
  /** A run in which nothing has happened for so many real milliseconds is stuck. Default: 5000. */
  stuckMs?: number;
}

/**
 * Runs `body` again and again, each time under another {@link RandomSchedule} and with a {@link MockClock} that jumps:
 * for tests that say what has to hold however tasks interleave. `body` is the main task of a runner of its own.
 * @param body - is given a source of chance that belongs to the run's seed, as its schedule does
 * @throws {@link AeventError} `AEVENT_EXPLORE_FAILED` with the seed of the first run that fails, whose error is the
 *   `cause`; TypeError `AEVENT_INVALID_OPTIONS`. `AEVENT_SEED` in the environment, or `seed`, repeats it
 */
export async function explore(
  body: (random: Random) => unknown,
  { runs = 100, seed, stuckMs = 5000, interleave }: ExploreOptions = {},
): Promise<void> {
  requireFunction('explore()', body);
  checked('explore(): runs', 'an integer >= 0', runs);
  checked('explore(): stuckMs', 'a number >= 0', stuckMs);
  const given = seed ?? (process.env.AEVENT_SEED === undefined ? undefined : Number(process.env.AEVENT_SEED));
  const first = given ?? Math.floor(Math.random() * 2 ** 31);
  for (let i = 0; i < runs; i++) {
    const random = new Random(first + i);
    const schedule = new RandomSchedule(
      random.below(2 ** 31),
      interleave === undefined ? {} : { interleave },
    );
    const installed = [schedule.install(), new MockClock({ autojumpThresholdMs: 0 }).install()];
    try {
      await orStuck(
        run(() => body(random)),
        stuckMs,
      );
    } catch (error) {
      throw new AeventError(
        'AEVENT_EXPLORE_FAILED',
        `The run with the seed ${first + i} failed (AEVENT_SEED=${first + i} repeats it): ${messageOf(error)}`,
        { cause: error },
      );
    } finally {
      for (const one of installed.reverse()) one[Symbol.dispose]();
    }
  }
}

// A test that waits for a deadlock would say nothing of where it is.
async function orStuck(ending: Promise<unknown>, stuckMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const stuck = new Promise<never>((_, reject) => {
    let seen = switches();
    const look = (): void => {
      const before = seen;
      seen = switches();
      if (seen === before) reject(new AeventError('AEVENT_STUCK', `no task goes on:\n${describeParked()}`));
      else timer = globals.setTimeout(look, stuckMs);
    };
    timer = globals.setTimeout(look, stuckMs);
  });
  try {
    await Promise.race([ending, stuck]);
  } finally {
    globals.clearTimeout(timer);
  }
}

// The counts that are always kept, as numbers and as histograms of node:perf_hooks. The counting is done where things happen, in
// buckets (base/log-histogram.ts); histograms are filled when they are asked for.
import type { RecordableHistogram } from 'node:perf_hooks';
import { builtin } from '../base/builtins.js';
import { BUCKETS, middleOfBucketNs } from '../base/log-histogram.js';
import { poolState } from '../base/pool-state.js';
import { Shared } from '../native/binding.js';
import { preemptionInfo, sliceLengths } from '../preemption/slices.js';
import { core } from '../suspension/native-core.js';
import { counters } from '../suspension/suspension.js';
import { waitTimes } from '../suspension/wait-times.js';
import { Task } from '../tasks/task.js';

const { createHistogram } = builtin<typeof import('node:perf_hooks')>('perf_hooks');
const process = builtin<typeof import('node:process')>('process');

/** A duration in nanoseconds that no wait reaches: a month. */
const HIGHEST_NS = 30 * 24 * 3600 * 1e9;

/** The result of {@link metrics}. Counts are of this thread, since its first task. */
export interface Metrics {
  readonly tasks: {
    readonly started: number;
    readonly live: number;
  };
  readonly waits: {
    /** Calls that are suspended now. */
    readonly parked: number;
    /** Suspensions that have ended. */
    readonly ended: number;
    /** How long these took, in nanoseconds, by what they waited in: `fs`, `child process`, `await_`, `Lock` … */
    readonly byKind: Readonly<Record<string, RecordableHistogram>>;
  };
  /** How long the event loop was kept by what it called, each turn, in nanoseconds. */
  readonly loopGaps: RecordableHistogram;
  /** Of computing: how many slices were taken, how many calls were ended by their scope, and how often a slice was due that could not be taken. */
  readonly slices: {
    readonly taken: number;
    readonly ended: number;
    readonly notNow: number;
    /** How long the event loop had been kept when a slice was taken, in nanoseconds. */
    readonly lengths: RecordableHistogram;
  };
  /** How often a stack was switched to. */
  readonly switches: number;
  readonly stacks: {
    readonly made: number;
    readonly inUse: number;
    /** How often the system gave none. */
    readonly refused: number;
  };
  /** libuv's thread pool: how many calls of tasks are in it or wait for it, and how many threads it has. */
  readonly pool: {
    readonly calls: number;
    readonly threads: number;
  };
  /** Callbacks that ran natively since no stack could be had. */
  readonly enteredNatively: number;
  /** The same with histograms as plain objects, for JSON. */
  toJSON(): object;
}

/** A histogram, and how much of the buckets is in it. */
class Filled {
  readonly histogram: RecordableHistogram = createHistogram({ lowest: 1, highest: HIGHEST_NS, figures: 2 });
  readonly #seen = new Float64Array(BUCKETS);

  fill(counts: Float64Array): RecordableHistogram {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const count = counts[bucket] as number;
      const more = count - (this.#seen[bucket] as number);
      if (more > 0) record(this.histogram, middleOfBucketNs(bucket), more);
      this.#seen[bucket] = count;
    }
    return this.histogram;
  }
}

/** Up to so many values are recorded one by one. */
const FEW = 64;

// Node records one value at a time, but adds whole histograms: so many are made by doubling.
function record(histogram: RecordableHistogram, ns: number, count: number): void {
  if (count <= FEW) {
    for (let i = 0; i < count; i++) histogram.record(ns);
    return;
  }
  const make = (): RecordableHistogram => createHistogram({ lowest: 1, highest: HIGHEST_NS, figures: 2 });
  let power = make();
  power.record(ns);
  for (let left = count; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) histogram.add(power);
    const twice = make();
    twice.add(power);
    twice.add(power);
    power = twice;
  }
}

const byKind = new Map<string, Filled>();
const gaps = new Filled();
const lengths = new Filled();

/**
 * Gives what aevent has counted since the first task of this thread. The histograms are the same objects each time, filled up to
 * now. Not a checkpoint.
 */
export function metrics(): Metrics {
  const { binding, shared } = core;
  const histograms: Record<string, RecordableHistogram> = Object.create(null);
  let ended = 0;
  waitTimes().forEach(({ kind, counts, waits }) => {
    const filled = byKind.get(kind) ?? new Filled();
    byKind.set(kind, filled);
    histograms[kind] = filled.fill(counts);
    ended += waits;
  });
  const made = shared[Shared.carriers] as number;
  const { slices, ended: endedCalls, notNow } = preemptionInfo();
  const kept = sliceLengths();
  const found: Omit<Metrics, 'toJSON'> = {
    tasks: { started: Task.started, live: Task.live.size },
    waits: { parked: shared[Shared.parked] as number, ended, byKind: histograms },
    loopGaps: binding === undefined ? gaps.histogram : gaps.fill(binding.loopGaps()),
    slices: {
      taken: slices,
      ended: endedCalls,
      notNow: notNow.inNode + notNow.inV8 + notNow.forbidden,
      lengths: kept === undefined ? lengths.histogram : lengths.fill(kept),
    },
    switches: shared[Shared.switches] as number,
    stacks: {
      made,
      inUse: made - (shared[Shared.idle] as number),
      refused: shared[Shared.refused] as number,
    },
    pool: { calls: poolState.calls, threads: Number(process.env.UV_THREADPOOL_SIZE) || 4 },
    enteredNatively: counters.enteredNatively,
  };
  return {
    ...found,
    toJSON: () => ({
      ...found,
      waits: {
        ...found.waits,
        byKind: Object.fromEntries(Object.entries(histograms).map(([kind, one]) => [kind, numbersOf(one)])),
      },
      loopGaps: numbersOf(found.loopGaps),
      slices: { ...found.slices, lengths: numbersOf(found.slices.lengths) },
    }),
  };
}

function numbersOf(histogram: RecordableHistogram): object {
  const { count, mean, max } = histogram;
  if (count === 0) return { count };
  return { count, mean, max, p50: histogram.percentile(50), p99: histogram.percentile(99) };
}

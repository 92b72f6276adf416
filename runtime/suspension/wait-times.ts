// How long waits took, by their kind: always counted, for aevent.metrics().
import { BUCKETS, bucketOf } from '../base/log-histogram.js';
import { exec } from '../base/primordials.js';

/** The waits of one kind. */
export interface WaitTimes {
  /** The module or class that the waits are in: `fs`, `child process`, `Lock`. */
  readonly kind: string;
  /** How many waits took how long, by bucket. */
  readonly counts: Float64Array;
  /** How many there were. */
  waits: number;
  /** How long they took all together, in nanoseconds. */
  totalNs: number;
}

/** A program may name waits as it likes, by `aevent/lowlevel`: further kinds are counted together. */
const MOST_KINDS = 100;
const MOST_NAMES = 1000;

const byKind = new Map<string, WaitTimes>();
const byName = new Map<string, WaitTimes>();

/** Counts a wait that has ended. */
export function countWait(what: string, waitedNs: number): void {
  const times = what === lastName ? (lastTimes as WaitTimes) : timesOfName(what);
  const bucket = bucketOf(waitedNs / 1000);
  times.counts[bucket] = (times.counts[bucket] as number) + 1;
  times.waits++;
  times.totalNs += waitedNs;
}

/** Mostly, waits of one name follow each other. */
let lastName: string | undefined;
let lastTimes: WaitTimes | undefined;

function timesOfName(what: string): WaitTimes {
  let times = byName.get(what);
  if (times === undefined) {
    times = timesOf(kindOfWait(what));
    if (byName.size < MOST_NAMES) byName.set(what, times);
  }
  lastName = what;
  lastTimes = times;
  return times;
}

/** The kind of a wait that is so named in the task dump. */
export function kindOfWait(what: string): string {
  return exec(/^(?:child process|[\w$]+)/, what)?.[0] ?? 'other';
}

function timesOf(kind: string): WaitTimes {
  let times = byKind.get(kind);
  if (times !== undefined) return times;
  if (byKind.size >= MOST_KINDS && kind !== 'other') return timesOf('other');
  times = { kind, counts: new Float64Array(BUCKETS), waits: 0, totalNs: 0 };
  byKind.set(kind, times);
  return times;
}

/** All that were counted, by kind. */
export function waitTimes(): ReadonlyMap<string, WaitTimes> {
  return byKind;
}

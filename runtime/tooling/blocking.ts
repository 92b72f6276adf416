// Places that keep the event loop from turning. The native core's watch (native/node/loop-watch.h) sees that it does not turn,
// takes the running stack, and says when it is over; this file makes places of the stacks, says each once and counts them. Calls
// of replaced functions that run natively are timed here, since a native call answers no interrupt before it returns.
// Guarded by test/runtime/tooling/blocking.test.ts.
import { builtin, copyOfBuiltin } from '../base/builtins.js';
import { systemClock } from '../base/clock.js';
import { describe, nameOf } from '../base/describe.js';
import type { AnyFunction } from '../base/disguise.js';
import { AeventError, invalidArgument } from '../base/errors.js';
import { exec, filter, findIndex, pop, push, sort } from '../base/primordials.js';
import type { NativeBinding } from '../native/binding.js';
import { loadNative } from '../native/load.js';
import { currentContext } from '../suspension/context.js';
import { hasPortal, noPortalReason } from '../suspension/portal.js';
import { entryOf, type Found, NODE_ITSELF, placeOf, readable, type Sample } from './blocking-place.js';
import { publishBlocking, type TaskName } from './channels.js';
import { followRuns, runSince } from './last-run.js';
import { nativeCalls } from './native-calls.js';
import { traceBlocking } from './timeline.js';

const { writeSync } = copyOfBuiltin<typeof import('node:fs')>('fs');
const { on } = builtin<typeof import('node:events')>('events').EventEmitter.prototype;
const process = builtin<typeof import('node:process')>('process');

/** A place in the program that has blocked the event loop; part of `aevent.info()`. */
export interface BlockingPlace extends Found {
  readonly count: number;
  readonly totalMs: number;
  readonly longestMs: number;
  /** The task that did so last; undefined where the code belongs to none. */
  readonly task: string | undefined;
}

/** The blockings of the event loop; part of `aevent.info()`. */
export interface Blocking {
  readonly limitMs: number;
  readonly count: number;
  readonly totalMs: number;
  readonly longestMs: number;
  readonly places: readonly BlockingPlace[];
}

/** The message of `tracing:aevent:blocking:end` for a place, when the loop turns again. */
export interface BlockingMessage extends Found {
  /** When the loop was blocked first, in milliseconds of `performance.now()`. */
  readonly startedMs: number;
  /** For how long it was by that place. */
  readonly durationMs: number;
  readonly task: TaskName | undefined;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The native core takes a stack each fiftieth of a blocking: 500 are those of an hour. */
const MOST_SAMPLES = 500;
const MOST_PLACES = 1000;
const MOST_SAID = 100;
const FRAMES_SAID = /^(?:[^\n]*\n){0,8}/;

let limitMs = 0;
let silent = false;
let binding: NativeBinding | undefined;
let replacedModules: () => readonly string[] = () => [];
let samples: Sample[] = [];
const totals = { count: 0, totalMs: 0, longestMs: 0 };
const places = new Map<string, Mutable<BlockingPlace>>();

/**
 * Watches that the event loop turns at least each `ms` milliseconds; 0 ends that.
 * @param replaced - names the modules that are replaced
 * @param inSilence - nothing is said
 * @throws TypeError `AEVENT_INVALID_OPTIONS`; {@link AeventError} `AEVENT_NO_BINARY`, `AEVENT_NO_WATCH`
 */
export function watchBlocking(
  ms: unknown,
  by: string,
  replaced: () => readonly string[],
  inSilence = false,
): void {
  if (typeof ms !== 'number' || !Number.isFinite(ms) || ms < 0) {
    throw invalidArgument(
      'AEVENT_INVALID_OPTIONS',
      `${by} takes milliseconds > 0, or 0 for none, not ${describe(ms)}.`,
    );
  }
  if (ms === limitMs) return;
  const native = binding ?? loadNative();
  if (binding === undefined) on.call(process, 'exit', () => native.endBlocking());
  binding = native;
  replacedModules = replaced;
  silent = inSilence;
  const status = native.watchLoop(ms, inSilence, look, over);
  if (status < 0) {
    throw new AeventError(
      'AEVENT_NO_WATCH',
      `the system gave no thread to watch the event loop with (libuv error ${status}): what blocks it is not seen.`,
    );
  }
  followRuns(ms > 0);
  limitMs = ms;
  nativeCalls.by = ms > 0 ? timed : undefined;
  slot = native.callSlot();
}

/** The blockings so far; undefined where the loop is not watched. */
export function blocking(): Blocking | undefined {
  if (limitMs === 0) return undefined;
  const list: BlockingPlace[] = [];
  places.forEach((place) => {
    push(list, { ...place });
  });
  return { limitMs, ...totals, places: list };
}

/** Where the native core reads which native call runs. */
let slot: Int32Array = new Int32Array(1);
const numbers = new Map<AnyFunction, number>();

function timed(module: string, fn: AnyFunction, self: unknown, args: readonly unknown[]): unknown {
  let number = numbers.get(fn);
  if (number === undefined) {
    number = (binding as NativeBinding).nameCall(nameOfCall(module, fn));
    numbers.set(fn, number);
  }
  const outer = slot[0] as number;
  slot[0] = number;
  const since = systemClock.now();
  try {
    return Reflect.apply(fn, self, args as never);
  } finally {
    slot[0] = outer;
    const tookMs = systemClock.now() - since;
    if (tookMs >= limitMs / 2) {
      const stack = (binding as NativeBinding).runningFrames();
      add({ ...sampleOf(stack), tookMs, isSure: true, call: nameOfCall(module, fn), module });
    }
  }
}

function nameOfCall(module: string, fn: AnyFunction): string {
  if (module === '') return nameOf(fn);
  return `${module === 'atomics' ? 'Atomics' : module}.${nameOf(fn)}`;
}

/** V8 answers JavaScript's interrupts at once; a machine that is busy may let it wait. */
const LATE_MS = 10;

// Called in the interrupted code.
function look(stack: string, lateMs: number): void {
  const sample = sampleOf(stack);
  const isLate = lateMs > Math.min(limitMs, LATE_MS);
  const askedMs = sample.atMs - lateMs;
  // V8 may answer the next interrupt before this function has begun, in its frame: that stack says nothing.
  for (
    let last = samples[samples.length - 1];
    isLate && last !== undefined;
    last = samples[samples.length - 1]
  ) {
    if (last.tookMs !== undefined || last.atMs < askedMs) break;
    pop(samples);
  }
  add({ ...sample, isLate, isSure: lateMs >= limitMs, run: isLate ? runSince(askedMs) : '' });
}

function sampleOf(stack: string): Sample {
  const context = currentContext();
  const task = context?.task;
  return {
    stack,
    atMs: systemClock.now(),
    call: undefined,
    module: undefined,
    tookMs: undefined,
    task: task && { id: task.id, name: task.name },
    reason: hasPortal() ? '' : noPortalReason(context),
    isLate: false,
    isSure: false,
    run: '',
    computes: false,
  };
}

function add(sample: Sample): void {
  if (samples.length < MOST_SAMPLES) push(samples, sample);
}

/** When the last blocking was over: in a trace the next one must not begin before. */
let lastOverMs = 0;
/** More than a trace's times are rounded by. */
const LEAST_MS = 0.001;

// Called from the loop, when it turns again.
function over(blockedMs: number): void {
  const nowMs = systemClock.now();
  // Later than the turn began by what it took to come here: the next blocking may have begun already by that.
  const startedMs = Math.max(nowMs - blockedMs, lastOverMs);
  lastOverMs = nowMs + LEAST_MS;
  // A call may have been timed that alone blocked for less than the limit.
  const seen = filter(samples, ({ atMs }) => atMs > startedMs);
  samples = [];
  totals.count++;
  totals.totalMs += blockedMs;
  totals.longestMs = Math.max(totals.longestMs, blockedMs);
  const works = worksSeen(seen, startedMs);
  // The first has the time that no other accounts for: up to the first stack, and after the last one.
  let restMs = blockedMs;
  for (let i = works.length - 1; i >= 0; i--) {
    const { places: ofWork, weightMs, isSure } = works[i] as Work;
    if (i > 0 && (weightMs < limitMs || !isSure)) continue;
    tell(heaviest(ofWork), startedMs, i > 0 ? weightMs : Math.max(weightMs, restMs), nowMs - startedMs);
    restMs -= weightMs;
  }
}

function tell({ found, sample }: Seen, startedMs: number, durationMs: number, tracedMs: number): void {
  const { place, call, why, stack } = found;
  const { task } = sample;
  const message: BlockingMessage = { place, call, why, stack, startedMs, durationMs, task };
  traceBlocking(call ?? place, startedMs, tracedMs, {
    place,
    task: task?.name,
    why,
    stack,
    ownMs: durationMs,
  });
  count(found, durationMs, task?.name);
  publishBlocking(message);
}

/** A place in one blocking. */
interface Seen {
  found: Found;
  sample: Sample;
  /** For how long it blocked, as far as that can be told. */
  weightMs: number;
}

/** A callback of the loop's, or the work of a task, in one blocking. */
interface Work {
  readonly places: Seen[];
  weightMs: number;
  /** Seen for sure, or twice. Of thousands of short ones some are met once each. */
  isSure: boolean;
}

/**
 * The works that were seen to run, in the order of the time that they took: a stack stands for the time since the one before. A program
 * that is behind may run callbacks for seconds before the loop turns, each of which blocks it.
 */
function worksSeen(seen: readonly Sample[], startedMs: number): Work[] {
  const replaced = replacedModules();
  const byEntry = new Map<string, Work>();
  const works: Work[] = [];
  let sinceMs = startedMs;
  for (let i = 0; i < seen.length; i++) {
    const sample = seen[i] as Sample;
    if (isInTimed(seen, i)) continue;
    const found = placeOf(sample, replaced);
    const entry = `${sample.task?.id} ${entryOf(found)}`;
    let work = byEntry.get(entry);
    if (work === undefined) {
      work = { places: [], weightMs: 0, isSure: sample.isSure };
      byEntry.set(entry, work);
      push(works, work);
    } else work.isSure = true;
    const weightMs = sample.tookMs ?? sample.atMs - sinceMs;
    sinceMs = sample.atMs;
    work.weightMs += weightMs;
    addTo(work, { found, sample, weightMs }, replaced);
  }
  return sort(works, (a, b) => b.weightMs - a.weightMs);
}

/** True of a stack that was taken in a call, or as it returned, that was timed as a whole. */
function isInTimed(seen: readonly Sample[], at: number): boolean {
  const { tookMs, atMs } = seen[at] as Sample;
  for (let i = at + 1; tookMs === undefined && i < seen.length; i++) {
    const later = seen[i] as Sample;
    if (later.tookMs !== undefined && later.atMs - later.tookMs < atMs) return true;
  }
  return false;
}

function addTo({ places: ofWork }: Work, seen: Seen, replaced: readonly string[]): void {
  const { found, sample, weightMs } = seen;
  // Apart: what was interrupted late tells of what came before, and one of both stands for more of the time.
  const at = findIndex(
    ofWork,
    (known) => known.found.place === found.place && known.sample.isLate === sample.isLate,
  );
  if (at < 0) {
    push(ofWork, seen);
    return;
  }
  const known = ofWork[at] as Seen;
  known.weightMs += weightMs;
  // A timed call says more.
  if (known.sample.module !== undefined) return;
  if (sample.module !== undefined) Object.assign(known, { found, sample });
  // Stacks of one place with different calls: it computes, and calls these meanwhile.
  else if (known.found.call !== found.call && !sample.isLate)
    known.found = placeOf({ ...sample, computes: true }, replaced);
}

function heaviest(ofWork: readonly Seen[]): Seen {
  let most = ofWork[0] as Seen;
  for (let i = 1; i < ofWork.length; i++) {
    const one = ofWork[i] as Seen;
    if (one.weightMs > most.weightMs) most = one;
  }
  return most;
}

const keyOf = ({ place, call }: Found): string => `${place} ${call ?? ''}`;

function count(found: Found, blockedMs: number, task: string | undefined): void {
  const key = keyOf(found);
  const known = places.get(key);
  if (known !== undefined) {
    known.count++;
    known.totalMs += blockedMs;
    known.task = task;
    if (blockedMs <= known.longestMs) return;
    known.longestMs = blockedMs;
    known.stack = found.stack;
    return;
  }
  if (places.size >= MOST_PLACES) return;
  places.set(key, { ...found, count: 1, totalMs: blockedMs, longestMs: blockedMs, task });
  // Loading modules, say: nothing that the program could change.
  if (!silent && found.place !== NODE_ITSELF && places.size <= MOST_SAID) say(found, blockedMs, task);
}

function say({ call, why, stack }: Found, blockedMs: number, task: string | undefined): void {
  const by = call === undefined ? '' : ` by ${call}`;
  const whose = task === undefined ? 'in no task' : `in the task ${readable(task)}`;
  const frames = exec(FRAMES_SAID, stack)?.[0] ?? '';
  try {
    writeSync(
      2,
      `aevent: the event loop was blocked for ${Math.round(blockedMs)} ms${by}, ${whose}, at\n${frames}  ${why}\n` +
        '  Said once for this place; aevent.info().blocking counts all.\n',
    );
  } catch {
    // There is no stderr.
  }
}

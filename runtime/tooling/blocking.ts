// What keeps the event loop from turning. The native core's watch (native/node/loop-watch.h) sees that it does not turn, has
// what runs tell its stack, and says when it is over; this file makes places of that, says each once and counts them. Calls
// of replaced functions that run natively are timed here, since a native call answers no interrupt before it returns.
// Guarded by test/runtime/tooling/blocking.test.ts.
import { builtin, copyOfBuiltin } from '../base/builtins.js';
import { systemClock } from '../base/clock.js';
import { describe, nameOf } from '../base/describe.js';
import type { AnyFunction } from '../base/disguise.js';
import { AeventError, invalidArgument } from '../base/errors.js';
import { exec, filter, push } from '../base/primordials.js';
import type { NativeBinding } from '../native/binding.js';
import { loadNative } from '../native/load.js';
import { currentContext } from '../suspension/context.js';
import { hasPortal, noPortalReason } from '../suspension/portal.js';
import { type Found, NODE_ITSELF, placeOf, readable, type Sample } from './blocking-place.js';
import { publishBlocking, type TaskName } from './channels.js';
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

/** What has blocked the event loop; part of `aevent.info()`. */
export interface Blocking {
  readonly limitMs: number;
  readonly count: number;
  readonly totalMs: number;
  readonly longestMs: number;
  readonly places: readonly BlockingPlace[];
}

/** What `tracing:aevent:blocking:end` tells, when the loop turns again. */
export interface BlockingMessage extends Found {
  /** Milliseconds of `performance.now()`. */
  readonly startedMs: number;
  readonly durationMs: number;
  readonly task: TaskName | undefined;
}

/** Who is to hear of native calls of replaced functions; undefined where the loop is not watched. */
export const nativeCalls: {
  by: ((module: string, fn: AnyFunction, self: unknown, args: readonly unknown[]) => unknown) | undefined;
} = { by: undefined };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const MOST_SAMPLES = 100;
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
  limitMs = ms;
  nativeCalls.by = ms > 0 ? timed : undefined;
  slot = native.callSlot();
}

/** What has blocked the loop so far; undefined where it is not watched. */
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
      add({ ...sampleOf(stack, tookMs), call: nameOfCall(module, fn), module });
    }
  }
}

function nameOfCall(module: string, fn: AnyFunction): string {
  if (module === '') return nameOf(fn);
  return `${module === 'atomics' ? 'Atomics' : module}.${nameOf(fn)}`;
}

// Called in the interrupted code.
function look(stack: string, lateMs: number): void {
  const isLate = lateMs > limitMs;
  const sample = sampleOf(stack, isLate ? lateMs : limitMs / 2);
  add({ ...sample, isLate });
}

function sampleOf(stack: string, weightMs: number): Sample {
  const context = currentContext();
  const task = context?.task;
  return {
    stack,
    atMs: systemClock.now(),
    call: undefined,
    module: undefined,
    weightMs,
    task: task && { id: task.id, name: task.name },
    reason: hasPortal() ? '' : noPortalReason(context),
    isLate: false,
    computes: false,
  };
}

function add(sample: Sample): void {
  if (samples.length < MOST_SAMPLES) push(samples, sample);
}

// Called from the loop, when it turns again.
function over(blockedMs: number): void {
  const startedMs = systemClock.now() - blockedMs;
  // A call may have been timed that alone blocked for less than the limit.
  const seen = filter(samples, ({ atMs }) => atMs > startedMs);
  samples = [];
  totals.count++;
  totals.totalMs += blockedMs;
  totals.longestMs = Math.max(totals.longestMs, blockedMs);
  const most = heaviest(seen);
  if (most === undefined) return;
  const { found, sample } = most;
  const { place, call, why, stack } = found;
  const message: BlockingMessage = {
    place,
    call,
    why,
    stack,
    startedMs,
    durationMs: blockedMs,
    task: sample.task,
  };
  traceBlocking(call ?? place, startedMs, blockedMs, { place, task: sample.task?.name, why, stack });
  count(found, blockedMs, sample.task?.name);
  publishBlocking(message);
}

/** What is known of a place in one blocking. */
interface Seen {
  found: Found;
  sample: Sample;
  weightMs: number;
}

/** The place that most of the time was spent in. */
function heaviest(seen: readonly Sample[]): Seen | undefined {
  const replaced = replacedModules();
  const byPlace = new Map<string, Seen>();
  let best: Seen | undefined;
  for (let i = 0; i < seen.length; i++) {
    const sample = seen[i] as Sample;
    const found = placeOf(sample, replaced);
    // A late one only shows where the native call had just returned that was timed by itself.
    const weightMs = sample.isLate && isTimed(seen) ? 0 : sample.weightMs;
    const known = byPlace.get(found.place);
    const one = known ?? { found, sample, weightMs: 0 };
    // Stacks of one place with different calls: it computes, and calls these meanwhile.
    if (
      known !== undefined &&
      known.found.call !== found.call &&
      sample.module === undefined &&
      !sample.isLate
    )
      one.found = placeOf({ ...sample, computes: true }, replaced);
    else if (sample.weightMs > one.sample.weightMs && !sample.isLate) Object.assign(one, { found, sample });
    one.weightMs += weightMs;
    byPlace.set(found.place, one);
    if (best === undefined || one.weightMs > best.weightMs) best = one;
  }
  return best;
}

function isTimed(seen: readonly Sample[]): boolean {
  for (let i = 0; i < seen.length; i++) if ((seen[i] as Sample).module !== undefined) return true;
  return false;
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

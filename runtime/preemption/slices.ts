// Slices: code that computes is interrupted (native/preemption/preemptor.h), put aside, and goes on in a later turn of the
// event loop. The interrupt comes in the middle of any code, so the handler changes nothing unless it may suspend there,
// throws nothing, and says what is to become of the code. One slice is given a turn, first come, first served: what the loop
// has brought meanwhile runs before.
// Guarded by test/runtime/preemption.
import { builtin, globals } from '../base/builtins.js';
import { messageOf } from '../base/describe.js';
import { features } from '../base/features.js';
import { findIndex, push, shift, splice } from '../base/primordials.js';
import { type NativeBinding, SliceAnswer, SliceState } from '../native/binding.js';
import { ownEntries } from '../suspension/async-hooks-stack.js';
import { currentContext } from '../suspension/context.js';
import { isExitingBare } from '../suspension/exit-hook.js';
import { core, currentCarrier } from '../suspension/native-core.js';
import { currentBans, hasPortal } from '../suspension/portal.js';
import type { Scope } from '../suspension/scope.js';
import { stepAside, type Wait } from '../suspension/suspension.js';
import { learnPlaces } from './learning.js';
import { preemptOptions } from './options.js';

const { fileURLToPath } = builtin<typeof import('node:url')>('url');

/** A call that may be ended, and what held where it was made. */
export interface Mark {
  readonly scope: Scope;
  readonly forbidden: number;
  readonly entries: number;
  readonly outer: Mark | undefined;
}

/** The innermost mark, by carrier. */
export const marks: (Mark | undefined)[] = [];

let state: Float64Array = new Float64Array(Object.keys(SliceState).length);
let isTried = false;
let isOn = false;

/**
 * Starts to interrupt, at the first call; once a backend runs that can switch stacks.
 * @returns whether slices can be taken; if not, `info().features.preemption` says why
 */
export function startSlices(): boolean {
  if (isTried) return isOn;
  isTried = true;
  let failure: string;
  try {
    failure = start(core.binding as NativeBinding);
  } catch (error) {
    failure = messageOf(error);
  }
  isOn = failure === '';
  features.preemption = isOn ? 'on' : `off: ${failure}`;
  return isOn;
}

function start(native: NativeBinding): string {
  // Bundled, this is in another folder of dist/.
  const { url } = import.meta;
  // Loaded only now: it replaces process.chdir().
  const { isMainThread } = builtin<typeof import('node:worker_threads')>('worker_threads');
  const own = url.slice(0, url.lastIndexOf('/dist/') + '/dist/'.length);
  const started = native.startPreemption(interrupted, fileURLToPath(own), own, !isMainThread);
  if (typeof started === 'number') return `the system gave no thread (libuv error ${started})`;
  state = started;
  return learnPlaces(native, started);
}

/** Has everything that runs in tasks sliced, if that is asked for; to be called when the backend has started, and after `setup()`. */
export function sliceAll(): void {
  // Its start comes here again.
  if (core.binding === undefined) return;
  const { all, sliceMs } = preemptOptions();
  if (all ? startSlices() : isOn) core.binding.sliceAll(all ? sliceMs : -1);
}

// Where it may not slice, the code may be in the middle of what V8 does: nothing may be changed there.
function interrupted(maySlice: boolean): number {
  if (core.binding?.hasRoom(true) !== true) return SliceAnswer.notNow;
  if (currentBans().forbidden > 0) return SliceAnswer.banned;
  const mark = marks[currentCarrier()];
  if (isOver(mark)) return SliceAnswer.end;
  if (!maySlice || !hasPortal() || isExitingBare()) return SliceAnswer.notNow;
  const context = currentContext();
  if (context === undefined) return SliceAnswer.notNow;
  stepAside(context, queue);
  return isOver(mark) ? SliceAnswer.end : SliceAnswer.taken;
}

// Not in native() or require(), which must not be left half-way, nor where more would have to be undone than the mark can.
function isOver(mark: Mark | undefined): boolean {
  return (
    mark?.scope.isOver() === true &&
    currentBans().forbidden === mark.forbidden &&
    currentContext()?.mode === 'patched' &&
    ownEntries(currentCarrier()) === mark.entries
  );
}

const waiting: Wait<void>[] = [];
let turns = false;

function queue(wait: Wait<void>): () => void {
  push(waiting, wait);
  if (!turns) {
    turns = true;
    globals.setImmediate(giveOne);
  }
  return () => {
    const at = findIndex(waiting, (one) => one === wait);
    if (at >= 0) splice(waiting, at, 1);
  };
}

function giveOne(): void {
  const next = shift(waiting);
  turns = waiting.length > 0;
  if (turns) globals.setImmediate(giveOne);
  next?.resolve();
}

/** The slices that were taken so far; part of `aevent.info()`. */
export interface PreemptionInfo {
  /** Slices that were taken. */
  readonly slices: number;
  /** Calls of `preemptible()` that were ended by their scope. */
  readonly ended: number;
  /** How often a slice could not be taken where it was due, and was asked for again; by the reason. */
  readonly notNow: {
    /** Node's own code, or aevent's, was running. */
    readonly inNode: number;
    /** V8 was in the middle of something: a loop that it has optimized or of WebAssembly, a regular expression, `JSON.stringify`. */
    readonly inV8: number;
    /** Suspensions are forbidden there: `native()`, `require()`. */
    readonly forbidden: number;
  };
  /** The longest that something went on after its time was up, in milliseconds; and where it was, as `file:line`. */
  readonly longest: { readonly ms: number; readonly at: string };
  /** Places that went on for more than 10 ms after their time was up. */
  readonly places: readonly KeptPlace[];
}

/** A place that has kept the event loop although it was to be sliced. */
export interface KeptPlace {
  /** `file:line` */
  readonly at: string;
  readonly count: number;
  /** How long after its time was up, in milliseconds. */
  readonly longestMs: number;
  /** Why no slice could be taken for so long. */
  readonly why: string;
}

const WHY: Readonly<Record<number, string>> = {
  [SliceState.inNode]: "Node's own code was running, or aevent's",
  [SliceState.inNative]:
    'V8 can be ended there, but not sliced: a loop that it has optimized and that calls no function, WebAssembly, a regular expression, or JSON',
  [SliceState.forbidden]:
    'suspensions are forbidden there: native(), require(), or another call that must not be left',
  [SliceState.heard]:
    'a call of native code, which answers when it returns: JSON.parse, an addon, a synchronous call',
};

function keptPlaces(native: NativeBinding): KeptPlace[] {
  const list = native.keptPlaces();
  const places: KeptPlace[] = [];
  for (let i = 0; i < list.length; i += 4) {
    const [at, why, count, longestMs] = [list[i], list[i + 1], list[i + 2], list[i + 3]] as [
      string,
      number,
      number,
      number,
    ];
    push(places, { at, count, longestMs, why: WHY[why] ?? '' });
  }
  return places;
}

/** How many slices had kept the loop for how long, by the buckets of {@link bucketOf}; undefined where none is taken. */
export function sliceLengths(): Float64Array | undefined {
  return isOn ? core.binding?.sliceLengths() : undefined;
}

/** Tells what was sliced so far. */
export function preemptionInfo(): PreemptionInfo {
  const native = isOn ? core.binding : undefined;
  const read = (index: number): number => state[index] ?? 0;
  return {
    slices: read(SliceState.slices),
    ended: read(SliceState.ended),
    notNow: {
      inNode: read(SliceState.inNode),
      inV8: read(SliceState.inNative),
      forbidden: read(SliceState.forbidden),
    },
    longest: {
      ms: read(SliceState.longestMs),
      at: native?.longestUnsliced() ?? '',
    },
    places: native === undefined ? [] : keptPlaces(native),
  };
}

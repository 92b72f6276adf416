/** A backend that can switch stacks. */
export type SwitchingBackend = 'fiber' | 'thread';

/** Indices of the array that the native addon shares with JavaScript (Hub::Shared in hub.h). */
export const Shared = {
  current: 0,
  baseLength: 1,
  baseExecution: 2,
  baseTrigger: 3,
  resumed: 4,
  carriers: 5,
  idle: 6,
  parked: 7,
  pumps: 8,
  switches: 9,
  refused: 10,
  starved: 11,
  waitedNs: 12,
  ranNs: 13,
  forAddon: 14,
  ticksLeft: 15,
} as const;

/** Indices of the array that {@link NativeBinding.startPreemption} gives (Preemptor::State in preemptor.h). */
export const SliceState = {
  slices: 0,
  ended: 1,
  inNode: 2,
  inNative: 3,
  forbidden: 4,
  longestMs: 5,
  heard: 6,
} as const;

/** The answers of an interrupt's handler (Preemptor::Answer). */
export const SliceAnswer = { notNow: 0, end: 1, taken: 2, banned: 3 } as const;

/** The result of {@link NativeBinding.enter}. */
export const Entered = { finished: 1, parked: 0, noCarrier: -1 } as const;

/** How minor collections treat stacks that are put aside (ParkedStacks::Mode in parked-stacks.h). */
export const CollectMode = { visitAll: 0, skip: 1, compare: 2, compareAll: 3 } as const;

/** Indices of the array that {@link NativeBinding.collectParked} gives (ParkedStacks::State). */
export const CollectState = { skipped: 0, scavenges: 1, displaced: 2, words: 3, written: 4 } as const;

/** libuv's poll events. */
export const PollEvents = { readable: 1, writable: 2, disconnect: 4, prioritized: 8 } as const;

/** The native addon, as addon.cc exports it. */
export interface NativeBinding {
  /** Why `backend` cannot work on this machine; empty if it can. */
  unsupported(backend: SwitchingBackend): string;
  /**
   * Finds the flag that Node sets while it handles an uncaught exception: `handle` makes Node handle one, and calls `look`
   * meanwhile. Gives an empty text, or why the flag was not found.
   */
  findHandling(handle: (look: () => void) => void): string;
  /** Makes the hub of this isolate; gives the array that {@link Shared} indexes. */
  start(backend: SwitchingBackend, stackBytes: number): Float64Array;
  /** Takes the hooks out and gives the carriers back; only on the main stack with nothing parked. */
  stop(): void;
  /** Why each stack of `fiber` takes mappings of its own; empty if many of them share one. */
  sharedMappings(): string;
  /** Tells where Node keeps its async-hooks stack. */
  useAsyncHooks(
    fields: Uint32Array,
    ids: Float64Array,
    resources: object[],
    lengthIndex: number,
    executionIndex: number,
    triggerIndex: number,
  ): void;
  /** Drops errors of functions that {@link enter} runs, if `filter` gives true for them. */
  filterErrors(filter: (error: unknown) => boolean): void;
  /** Clears the continuation data after each callback on the main stack; where Node does not use it. */
  ownContinuation(): void;
  /** Finds Node's callback-scope depth; empty, or why it was not found. */
  probeCallbackDepth(): string;
  /**
   * Takes over the microtask checkpoint; empty, or why it was not done.
   * @param assumedSlot - the virtual slot of PerformCheckpoint; by default the one in the compiler's pointer to it
   */
  installPump(assumedSlot?: number): string;
  /** Finds the limit of the stack; to be called on a carrier. Empty, or why it was not found. */
  probeStackLimit(): string;
  /** True if the running stack has room for a change of state. To take something needs more room than to give it back. */
  hasRoom(toTake: boolean): boolean;
  /** Finds V8's list of stacks that are put aside; on a carrier that the main stack has entered. Empty, or why not. */
  findParkedStacks(): string;
  /** Looks whether that list holds the one stack that is parked; on the main stack. Empty, or why not. */
  checkParkedStacks(): string;
  /** Sets how minor collections treat such stacks, one of {@link CollectMode}; gives numbers that {@link CollectState} indexes. */
  collectParked(mode?: number): Float64Array;
  /** How many microtasks have ended, as V8 counts them; undefined without the pump, or if the count was not found. */
  finishedMicrotasks(): Int32Array | undefined;
  /** How many of V8's microtask scopes are open: while there is one, no microtask runs. Undefined in the same cases. */
  openMicrotaskScopes(): Int32Array | undefined;
  /** Why the last carrier could not be had; {@link Shared.refused} counts them. */
  refusal(): string;
  /** Takes a CPU sample of the running carrier each `intervalUs`; 0 ends that. Gives 0, or a negative libuv error. */
  sampleCarriers(intervalUs: number): number;
  /** Samples taken so. */
  samples(): number;
  /**
   * Watches from a thread of its own that the event loop turns; `limitMs` 0 ends that. 0, or a negative libuv error.
   * @param silent - a turn that lasts for seconds is not reported on stderr meanwhile
   * @param look - called in the code that blocks it, each half a limit: with its stack, and how late the interrupt came. It must neither
   *   suspend nor throw
   * @param over - called from the loop that turns again: for how long it was blocked
   */
  watchLoop(
    limitMs: number,
    silent: boolean,
    look?: (stack: string, lateMs: number) => void,
    over?: (blockedMs: number) => void,
  ): number;
  /** Calls `over` at once, if the loop is blocked: where it turns no more. */
  endBlocking(): void;
  /** Where JavaScript writes which native call it is in, 0 for none; by the numbers that {@link nameCall} gives. */
  callSlot(): Int32Array;
  nameCall(name: string): number;
  /** Records turns of the loop that work for a tenth of a millisecond or longer. */
  recordTurns(on: boolean): void;
  /** Those since the last call, in pairs: when the turn began to work (of `uv_hrtime()`), and how long, in milliseconds. */
  takeTurns(): Float64Array;
  /** Calls `look` now and then, when a stack is switched to, until it gives true. */
  lookNowAndThen(look: () => boolean): void;
  /** From now on a debugger may step through this process: stacks are switched so that it can, in each thread. */
  expectDebugger(): void;
  /**
   * Makes the thread that has computing interrupted; once. Scripts whose names begin with `ownPath` or `ownUrl` are not.
   * @param handler - called where an interrupt has come; gives one of {@link SliceAnswer}, `taken` only if `maySlice`
   * @returns numbers that {@link SliceState} indexes, or a negative libuv error
   */
  startPreemption(
    handler: (maySlice: boolean) => number,
    ownPath: string,
    ownUrl: string,
    inWorker: boolean,
  ): Float64Array | number;
  /** Asks for an interrupt, and notes the place where it is found as harmless, or as one that never is. */
  learnNextPlace(isHarmless: boolean): void;
  /** Everything that runs on a carrier may be sliced; below 0: only functions that {@link callSliced} calls. */
  sliceAll(sliceMs: number): void;
  /** Calls `fn`, which may be sliced and ended; only on a carrier. The binding itself if it was ended. */
  callSliced(fn: () => unknown, sliceMs: number): unknown;
  /** The place that went on longest after its time was up, as `file:line`; empty if there is none. */
  longestUnsliced(): string;
  /** How many slices had kept the loop for how long, by the buckets of {@link bucketOf}. */
  sliceLengths(): Float64Array;
  /** Places that went on for long after their time was up: of each `file:line`, the index of {@link SliceState} that says why, count, longest ms. */
  keptPlaces(): (string | number)[];
  /** Runs a script in V8's natives syntax; undefined if V8 does not know one of its functions. */
  runWithNatives(source: string): unknown;
  /**
   * Calls `fn` now on a carrier of its own; one of {@link Entered}.
   * @param continuation - the continuation data that it begins with; undefined: the present one
   */
  enter<A extends [unknown?, unknown?, unknown?, unknown?]>(
    fn: (...args: A) => void,
    continuation?: unknown,
    ...args: A
  ): number;
  /** Goes on with a parked carrier, now and from here; one of {@link Entered}, `noCarrier` if it is not parked. */
  resume(id: number): number;
  /** Suspends the running carrier until it is woken. */
  park(): void;
  /** The promise's value, if it is fulfilled and nothing else is to run first; else the binding itself. */
  peek(promise: Promise<unknown>): unknown;
  /** Makes a parked carrier ready; false if it is not parked. */
  wake(id: number): boolean;
  /** The same, when the event loop has called back all that its poll has brought; only where there is a pump. */
  wakeAfterPoll(id: number): boolean;
  /** Resumes the ready carriers, where no pump does; false on a carrier. */
  drain(): boolean;
  /** Calls `fn` on the main stack, with the main thread's identity; nothing else runs meanwhile. */
  callOnMain<T>(fn: () => T): T;
  /** The JavaScript stack of a parked carrier. */
  stackOf(id: number): string | undefined;
  /** From now on the running microtask is one piece, whose time {@link Shared.ranNs} tells when it is parked. */
  beginPiece(): void;
  /** Has {@link Shared.waitedNs} and {@link Shared.ranNs} tell of a parked carrier; false for another one. */
  timesOf(id: number): boolean;
  /** How many turns of the event loop took how long, by the buckets of {@link bucketOf}. */
  loopGaps(): Float64Array;
  /** How often the event loop has turned, in an array of one: it counts before the immediates run. */
  loopTurns(): Float64Array;
  /** `queueMicrotask(fn)` that is no resource of async hooks. */
  enqueueMicrotask(fn: () => void): void;
  /** The JavaScript stack that runs, as text: whole, and with V8's builtins, e.g. `Array.join (<anonymous>)`. */
  runningFrames(): string;
  /** Takes back the counts of the scopes that loaded addons open; empty, or why it cannot be done. */
  hookAddonScopes(): string;
  /**
   * From now on, in every thread: functions of addons with thread-local variables that are loaded from now on are called on the
   * main stack where carriers are threads. Empty, or why it cannot be done.
   */
  callAddonsOnMain(): string;
  /** Files of such addons that were loaded before, one a line. */
  addonsOffMain(): string;
  /** V8's continuation-preserved embedder data. */
  getContext(): unknown;
  setContext(value: unknown): void;
  /** True while V8 is running microtasks of the main queue. */
  runningMicrotasks(): boolean;
  /** Milliseconds since the event loop took its time, once a turn. */
  sinceLoopTurnMs(): number;
  /** That time, in whole milliseconds: it is the same all through one turn. */
  loopTimeMs(): number;
  /**
   * Runs ticks and microtasks inside of this call, then one turn of the event loop if wanted; on the main stack only.
   * False if nothing is left in the loop; with `anyTimer` its timers count even if they keep no loop alive.
   */
  runDue(turnLoop: boolean, anyTimer: boolean): boolean;
  /** Calls back once when `fd` is ready; an id, or a negative libuv error. */
  pollStart(fd: number, events: number, callback: (status: number) => void): number;
  pollStop(id: number): boolean;
  /**
   * poll(2) without waiting.
   * @param entries - triples: descriptor, events, and room for the events that poll(2) returns
   * @returns how many are ready, or a negative libuv error
   */
  pollNow(entries: Int32Array): number;
  /** pipe(2), closed on exec; 0 or a negative libuv error. */
  pipe(ends: Int32Array): number;
  /** A second descriptor of the same open file, until {@link release} or this thread's end; or a negative libuv error. */
  hold(fd: number): number;
  release(fd: number): void;
  /**
   * Turns the event loop once, waiting for an event, below the JavaScript that calls it; on the main stack only.
   * Handles that only wait to be closed are closed.
   * @returns false if nothing is left that the loop would wait for
   */
  turnLoop(): boolean;
}

/** The names that an addon of this version has, and one of another version may lack. The compiler checks that they are all. */
const NAMES = [
  'unsupported findHandling start stop useAsyncHooks ownContinuation probeCallbackDepth installPump',
  'probeStackLimit hasRoom findParkedStacks checkParkedStacks collectParked finishedMicrotasks',
  'openMicrotaskScopes refusal',
  'sharedMappings sampleCarriers samples watchLoop endBlocking callSlot nameCall recordTurns takeTurns',
  'lookNowAndThen expectDebugger filterErrors startPreemption learnNextPlace sliceAll callSliced',
  'longestUnsliced sliceLengths keptPlaces runWithNatives enter resume park peek wake wakeAfterPoll',
  'drain callOnMain stackOf beginPiece timesOf loopGaps loopTurns enqueueMicrotask runningFrames',
  'hookAddonScopes callAddonsOnMain',
  'addonsOffMain getContext setContext runningMicrotasks sinceLoopTurnMs loopTimeMs runDue pollStart',
  'pollStop pollNow pipe hold release turnLoop',
] as const;
type Words<T extends string> = T extends `${infer First} ${infer Rest}` ? First | Words<Rest> : T;
type Forgotten = Exclude<keyof NativeBinding, Words<(typeof NAMES)[number]>>;
const forgotten: [Forgotten] extends [never] ? '' : Forgotten = '';

/** The functions that an addon lacks: it was compiled for another version of aevent. */
export function lacking(addon: Partial<NativeBinding>): string[] {
  const names = `${NAMES.join(' ')}${forgotten}`.split(' ') as (keyof NativeBinding)[];
  return names.filter((name) => typeof addon[name] !== 'function');
}

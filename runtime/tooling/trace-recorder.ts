// Makes trace events of what tasks do, which Perfetto and chrome://tracing open. A lane a task; callbacks that belong to none
// have one for each stack. Guarded by test/runtime/tooling/timeline.test.ts.
import { builtin, globals } from '../base/builtins.js';
import { systemClock } from '../base/clock.js';
import { messageOf } from '../base/describe.js';
import { cut } from '../base/primordials.js';
import { Shared } from '../native/binding.js';
import { loadNative } from '../native/load.js';
import type { Context } from '../suspension/context.js';
import { core } from '../suspension/native-core.js';
import {
  type ObservedWait,
  type Observer,
  observe,
  type TaskEnd,
  unobserve,
} from '../suspension/observer.js';
import type { TaskInfo } from '../suspension/scope.js';
import { FIRST_EVENT, type Part, partOf, TraceFile } from './trace-file.js';
import {
  BEGINS,
  BEGUN,
  CANCELLED,
  COLLECTED_FOR,
  callbackHead,
  ENDS,
  head,
  MOST_OF_NAME,
  OF_LANE,
  READY,
  READY_FOR,
  RUN,
  RUNNING,
  SPAWN,
  SPAWNED,
  SPAWNS,
  spawnedBy,
  TURN,
  TURNED_FOR,
  type WaitName,
  waitName,
} from './trace-heads.js';

const process = builtin<typeof import('node:process')>('process');
const fs = builtin<typeof import('node:fs')>('fs');
const { memoryUsage, pid } = process;

const MOST_OF_MESSAGE = 1000;
const SAMPLE_MS = 250;
const ABOUT_EACH_MS = 5000;
const LOOP_LANE = 1;
const BLOCKING_LANE = 2;
const GC_LANE = 3;
/** Lanes of stacks begin here, those of tasks further up. */
const STACKS = 1000;
const TASKS = 1_000_000;

/** Times are in tenths of a microsecond, of one clock for all threads. */
const TENTHS_A_MS = 10_000;
const TURNS_EACH = 50 * TENTHS_A_MS;
/** A program that computes has no turn for a timer. */
const FLUSH_EACH = 100 * TENTHS_A_MS;

interface Lane {
  readonly id: number;
  /** The carrier that uses it, 0 for none. */
  carrier: number;
  /** Another one of the same task. */
  next: Lane | undefined;
}

/** A wait that has not ended. */
interface OpenWait {
  readonly lane: Lane;
  readonly name: WaitName;
  readonly span: number;
  readySince: number;
}

/** Tells the facts of the process, for the trace. The runtime's rooms above hang `info()` in. */
export const about: { by: (() => object) | undefined } = { by: undefined };

/** One recording. */
export class Recorder implements Observer {
  readonly #file: TraceFile;
  /** To be added to `performance.now()`, which begins with each thread. */
  readonly #offsetMs: number = hrtimeMs() - systemClock.now();
  /** By the task's id. */
  readonly #lanes = new Map<number, Lane>();
  readonly #stackLanes: Lane[] = [];
  /** Of what runs on a carrier: its lane, how its event begins, since when. No object, as there are so many. */
  readonly #runLanes: (Lane | undefined)[] = [];
  readonly #runHeads: Part[] = [];
  readonly #runsSince: number[] = [];
  readonly #waits = new Map<ObservedWait, OpenWait>();
  #lastLane = TASKS;
  #lastSpan = 0;
  #turnsAt = 0;
  #flushAt = 0;
  #aboutAtMs: number = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #collections: import('node:perf_hooks').PerformanceObserver | undefined;
  #native: ReturnType<typeof loadNative> | undefined;

  constructor(path: string, maxBytes: number) {
    const first = FIRST_EVENT(cut(`node ${process.argv[1] ?? ''}`, MOST_OF_NAME));
    this.#file = new TraceFile(path, maxBytes, first, () => this.#full());
    this.#file.lane(LOOP_LANE, 'event loop', 0);
    this.#file.lane(BLOCKING_LANE, 'blocked', 1);
    this.#file.lane(GC_LANE, 'garbage collection', 2);
    try {
      this.#native = loadNative();
      this.#native.recordTurns(true);
    } catch {
      // There is no native core for this Node: the trace lacks the loop's turns.
    }
    this.#watchCollections();
    this.#sample();
    observe(this);
  }

  get path(): string {
    return this.#file.path;
  }

  /** The process ends: from now on each event is written at once. */
  ending(): void {
    this.#native?.recordTurns(true); // the one that is under way, too
    this.#addTurns();
    this.#tellAbout(0);
    this.#file.writeAtOnce();
  }

  stop(): void {
    unobserve(this);
    this.#collections?.disconnect();
    globals.clearTimeout(this.#timer);
    for (let carrier = 0; carrier < this.#runLanes.length; carrier++) this.ends(carrier);
    this.#native?.recordTurns(false);
    this.#addTurns();
    this.#tellAbout(0);
    this.#file.close();
  }

  spawned(task: TaskInfo, by: Context | undefined): void {
    const parent = by?.task;
    const from = parent === undefined ? LOOP_LANE : (this.#lanes.get(parent.id)?.id ?? LOOP_LANE);
    const lane = this.#laneOf(task);
    const time = this.#now();
    this.#file.event(SPAWNED, lane.id, time, spawnedBy(parent?.name ?? 'the program'));
    this.#file.numbered(SPAWN, from, time, SPAWNS, task.id);
  }

  begins(carrier: number, context: Context, callback: string | undefined): void {
    const { task } = context;
    if (task === undefined || callback !== undefined) {
      this.#beginRun(carrier, this.#stackLane(carrier), callbackHead(callback ?? 'callback'));
      return;
    }
    const lane = this.#laneFor(carrier, task);
    const time = this.#beginRun(carrier, lane, RUNNING);
    this.#file.numbered(BEGUN, lane.id, time, BEGINS, task.id);
  }

  suspends(carrier: number, wait: ObservedWait): void {
    const lane = this.#runLanes[carrier] ?? this.#laneOfWait(carrier, wait);
    const time = this.#now();
    this.#endRun(carrier, time);
    lane.carrier = carrier;
    const name = waitName(wait.what);
    const { track } = name;
    const span = track === undefined ? 0 : ++this.#lastSpan;
    this.#file.event(name.begin, lane.id, time, name.tail);
    if (track !== undefined) this.#file.numbered(track.begin, lane.id, time, track.tail, span);
    this.#waits.set(wait, { lane, name, span, readySince: 0 });
  }

  wakes(wait: ObservedWait): void {
    const known = this.#waits.get(wait);
    if (known === undefined) return;
    const { lane, name, span } = known;
    const time = this.#now();
    this.#file.event(name.end, lane.id, time, name.tail);
    if (name.track !== undefined) this.#file.numbered(name.track.end, lane.id, time, name.track.tail, span);
    known.readySince = time;
  }

  cancels(wait: ObservedWait): void {
    const known = this.#waits.get(wait);
    if (known !== undefined) this.#file.event(CANCELLED, known.lane.id, this.#now(), OF_LANE);
  }

  goesOn(carrier: number, wait: ObservedWait): void {
    const known = this.#waits.get(wait);
    if (known === undefined) {
      this.#beginRun(carrier, this.#laneOfWait(carrier, wait), RUNNING);
      return;
    }
    this.#waits.delete(wait);
    const { lane, readySince } = known;
    const time = this.#beginRun(carrier, lane, RUNNING);
    if (readySince > 0) this.#file.lasting(READY, lane.id, readySince, READY_FOR, time - readySince);
  }

  ends(carrier: number): void {
    if (this.#runLanes[carrier] !== undefined) this.#endRun(carrier, this.#now());
  }

  ended(task: TaskInfo, end: TaskEnd, error: unknown): void {
    const lane = this.#lanes.get(task.id);
    this.#lanes.delete(task.id);
    if (lane === undefined) return;
    const time = this.#now();
    const tail =
      end === 'failed'
        ? partOf(`,"s":"t","args":{"error":${JSON.stringify(cut(messageOf(error), MOST_OF_MESSAGE))}}}`)
        : OF_LANE;
    this.#file.event(ENDS[end], lane.id, time, tail);
    if (time - this.#turnsAt >= TURNS_EACH) this.#addTurns();
  }

  blocked(name: string, sinceMs: number, blockedMs: number, args: object): void {
    const dur = round(blockedMs * 1000);
    this.#add(
      'X',
      name,
      BLOCKING_LANE,
      sinceMs,
      `"cat":"blocking","dur":${dur},"args":${JSON.stringify(args)}`,
    );
  }

  /** The time of an event that happens now. */
  #now(): number {
    const time = this.#timeOf(systemClock.now());
    if (time >= this.#flushAt) {
      this.#file.flush();
      this.#flushAt = time + FLUSH_EACH;
    }
    return time;
  }

  #timeOf(ms: number): number {
    return Math.round((ms + this.#offsetMs) * TENTHS_A_MS);
  }

  /** Adds an event that is rare. */
  #add(phase: string, name: string, lane: number, atMs: number, rest: string): void {
    const json = JSON.stringify(cut(name, MOST_OF_NAME));
    const ts = this.#timeOf(atMs) / 10;
    this.#file.add(`{"ph":"${phase}","name":${json},"pid":${pid},"tid":${lane},"ts":${ts},${rest}}`);
  }

  #beginRun(carrier: number, lane: Lane, head: Part): number {
    const since = this.#now();
    lane.carrier = carrier;
    this.#runLanes[carrier] = lane;
    this.#runHeads[carrier] = head;
    this.#runsSince[carrier] = since;
    return since;
  }

  #endRun(carrier: number, time: number): void {
    const lane = this.#runLanes[carrier];
    if (lane === undefined) return;
    this.#runLanes[carrier] = undefined;
    lane.carrier = 0;
    const since = this.#runsSince[carrier] as number;
    this.#file.lasting(this.#runHeads[carrier] as Part, lane.id, since, RUN, time - since);
  }

  #laneOf(task: TaskInfo): Lane {
    return this.#lanes.get(task.id) ?? this.#firstLane(task);
  }

  #firstLane(task: TaskInfo): Lane {
    const lane = this.#newLane(task.name);
    this.#lanes.set(task.id, lane);
    return lane;
  }

  #newLane(name: string): Lane {
    const id = ++this.#lastLane;
    this.#file.lane(id, cut(name, MOST_OF_NAME), id);
    return { id, carrier: 0, next: undefined };
  }

  /** One that no other carrier uses: a task whose async functions run side by side may wait several times at once. */
  #laneFor(carrier: number, task: TaskInfo): Lane {
    let lane = this.#laneOf(task);
    for (let count = 2; lane.carrier !== 0 && lane.carrier !== carrier; count++) {
      lane.next ??= this.#newLane(`${cut(task.name, MOST_OF_NAME)} (${count})`);
      lane = lane.next;
    }
    return lane;
  }

  #stackLane(carrier: number): Lane {
    const known = this.#stackLanes[carrier];
    if (known !== undefined) return known;
    const lane = { id: STACKS + carrier, carrier: 0, next: undefined };
    this.#file.lane(lane.id, `callbacks on stack ${carrier}`, lane.id);
    this.#stackLanes[carrier] = lane;
    return lane;
  }

  #laneOfWait(carrier: number, { context }: ObservedWait): Lane {
    const { task, entry } = context;
    return task === undefined || entry !== undefined
      ? this.#stackLane(carrier)
      : this.#laneFor(carrier, task);
  }

  /** The turns since the last time. */
  #addTurns(): void {
    if (this.#native === undefined) return;
    this.#turnsAt = this.#now();
    const turns = this.#native.takeTurns();
    for (let i = 0; i < turns.length; i += 2) {
      const time = Math.round((turns[i] as number) * TENTHS_A_MS);
      const duration = Math.round((turns[i + 1] as number) * TENTHS_A_MS);
      this.#file.lasting(TURN, LOOP_LANE, time, TURNED_FOR, duration);
    }
  }

  /** Memory and stacks, now and then. */
  #sample(): void {
    this.#timer = globals.setTimeout(() => this.#sample(), SAMPLE_MS).unref();
    const { rss, heapUsed, external } = memoryUsage();
    const nowMs = systemClock.now();
    this.#add(
      'C',
      'memory',
      LOOP_LANE,
      nowMs,
      `"args":{"rss":${rss},"heap":${heapUsed},"external":${external}}`,
    );
    const [made, parked] = [core.shared[Shared.carriers] ?? 0, core.shared[Shared.parked] ?? 0];
    this.#add('C', 'stacks', LOOP_LANE, nowMs, `"args":{"made":${made},"parked":${parked}}`);
    this.#addTurns();
    this.#tellAbout(ABOUT_EACH_MS);
  }

  /** Adds `aevent.info()`, if the last one is so old. */
  #tellAbout(ageMs: number): void {
    const nowMs = systemClock.now();
    if (about.by === undefined || nowMs - this.#aboutAtMs < ageMs) return;
    this.#aboutAtMs = nowMs;
    this.#add('i', 'aevent', LOOP_LANE, nowMs, `"s":"p","args":${JSON.stringify(about.by())}`);
  }

  #watchCollections(): void {
    const { PerformanceObserver } = builtin<typeof import('node:perf_hooks')>('perf_hooks');
    const heads: Record<number, Part> = {
      1: head('X', 'scavenge'),
      2: head('X', 'minor mark-compact'),
      4: head('X', 'mark-compact'),
      8: head('X', 'incremental'),
      16: head('X', 'weak callbacks'),
    };
    const other = head('X', 'collection');
    this.#collections = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { kind } = (entry as { detail?: { kind?: number } }).detail ?? {};
        const duration = Math.round(entry.duration * TENTHS_A_MS);
        this.#file.lasting(
          heads[kind ?? 0] ?? other,
          GC_LANE,
          this.#timeOf(entry.startTime),
          COLLECTED_FOR,
          duration,
        );
      }
      this.#addTurns();
    });
    this.#collections.observe({ entryTypes: ['gc'] });
  }

  #full(): void {
    unobserve(this);
    globals.clearTimeout(this.#timer);
    this.#collections?.disconnect();
    this.#native?.recordTurns(false);
    fs.writeSync(2, `aevent: the trace ${JSON.stringify(this.path)} ends here: ${this.#file.failure}\n`);
  }
}

/** One clock for all threads. */
function hrtimeMs(): number {
  const time = process.hrtime();
  return time[0] * 1e3 + time[1] / 1e6;
}

/** Microseconds, to a tenth. */
const round = (us: number): number => Math.round(us * 10) / 10;

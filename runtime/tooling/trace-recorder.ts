// Makes trace events of what tasks do, which Perfetto and chrome://tracing open. A lane a task; callbacks that belong to none
// have one for each stack. Guarded by test/runtime/tooling/timeline.test.ts.
import { builtin, globals } from '../base/builtins.js';
import { systemClock } from '../base/clock.js';
import { messageOf } from '../base/describe.js';
import { cut, startsWith } from '../base/primordials.js';
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
import { SLICE } from '../suspension/suspension.js';
import { kindOfWait } from './channels.js';
import { FIRST_EVENT, TraceFile } from './trace-file.js';

const process = builtin<typeof import('node:process')>('process');
const fs = builtin<typeof import('node:fs')>('fs');
const { memoryUsage, pid } = process;

const MOST_OF_NAME = 200;
const TURNS_EACH_MS = 50;
const SAMPLE_MS = 250;
const ABOUT_EACH_MS = 5000;
const LOOP_LANE = 1;
const BLOCKING_LANE = 2;
const GC_LANE = 3;
/** Lanes of stacks begin here, those of tasks further up. */
const STACKS = 1000;
const TASKS = 1_000_000;

interface Lane {
  readonly id: number;
  readonly name: string;
  /** The carrier that uses it, 0 for none. */
  carrier: number;
}

interface Run {
  readonly lane: Lane;
  readonly name: string;
  readonly sinceUs: number;
}

const categoryOf = ({ what }: ObservedWait): string => `"cat":"${what === SLICE ? 'slice' : 'wait'}"`;

/** Tells the facts of the process, for the trace. The runtime's rooms above hang `info()` in. */
export const about: { by: (() => object) | undefined } = { by: undefined };

/** One recording. */
export class Recorder implements Observer {
  readonly #file: TraceFile;
  /** To be added to `performance.now()`, which begins with each thread. */
  readonly #offsetMs: number = hrtimeMs() - systemClock.now();
  readonly #lanes = new Map<TaskInfo, Lane[]>();
  readonly #stackLanes: Lane[] = [];
  readonly #runs: (Run | undefined)[] = [];
  /** Names in JSON, as there are few and they come often. */
  readonly #names = new Map<string, string>();
  readonly #waits = new Map<ObservedWait, { lane: Lane; readySinceUs: number; span: number }>();
  #lastLane = TASKS;
  #lastSpan = 0;
  #turnsAtMs = 0;
  #aboutAtMs: number = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #collections: import('node:perf_hooks').PerformanceObserver | undefined;
  #native: ReturnType<typeof loadNative> | undefined;

  constructor(path: string, maxBytes: number) {
    this.#file = new TraceFile(path, maxBytes, () => this.#full());
    this.#file.add(FIRST_EVENT(cut(`node ${process.argv[1] ?? ''}`, MOST_OF_NAME)));
    this.#name(LOOP_LANE, 'event loop', 0);
    this.#name(BLOCKING_LANE, 'blocked', 1);
    this.#name(GC_LANE, 'garbage collection', 2);
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
    this.#addTurns(true);
    this.#tellAbout(0);
    this.#file.writeAtOnce();
  }

  stop(): void {
    unobserve(this);
    this.#collections?.disconnect();
    globals.clearTimeout(this.#timer);
    for (let carrier = 0; carrier < this.#runs.length; carrier++) this.ends(carrier);
    this.#native?.recordTurns(false);
    this.#addTurns(true);
    this.#tellAbout(0);
    this.#file.close();
  }

  spawned(task: TaskInfo, by: Context | undefined): void {
    const ts = this.#now();
    const from = by?.task === undefined ? LOOP_LANE : (this.#lanes.get(by.task)?.[0]?.id ?? LOOP_LANE);
    const [lane] = this.#lanesOf(task) as [Lane];
    this.#add(
      'i',
      'spawned',
      lane.id,
      ts,
      `"s":"t","args":{"by":${this.#json(by?.task?.name ?? 'the program')}}`,
    );
    this.#add('s', 'spawn', from, ts, `"cat":"spawn","id":${task.id}`);
  }

  begins(carrier: number, context: Context, callback: string | undefined): void {
    const { task } = context;
    if (task === undefined || callback !== undefined) {
      this.#beginRun(carrier, this.#stackLane(carrier), callback ?? 'callback');
      return;
    }
    const lane = this.#laneFor(carrier, task);
    const ts = this.#beginRun(carrier, lane, 'running');
    this.#add('f', 'spawn', lane.id, ts, `"cat":"spawn","bp":"e","id":${task.id}`);
  }

  suspends(carrier: number, wait: ObservedWait): void {
    const lane = this.#runs[carrier]?.lane ?? this.#laneOfWait(carrier, wait);
    this.ends(carrier);
    lane.carrier = carrier;
    const ts = this.#now();
    this.#add('B', wait.what, lane.id, ts, categoryOf(wait));
    const track = trackOf(wait.what);
    const span = track === '' ? 0 : ++this.#lastSpan;
    if (span > 0) this.#add('b', wait.what, lane.id, ts, `"cat":"${track}","id":${span}`);
    this.#waits.set(wait, { lane, readySinceUs: 0, span });
  }

  wakes(wait: ObservedWait): void {
    const known = this.#waits.get(wait);
    if (known === undefined) return;
    const ts = this.#now();
    this.#add('E', wait.what, known.lane.id, ts, categoryOf(wait));
    if (known.span > 0)
      this.#add('e', wait.what, known.lane.id, ts, `"cat":"${trackOf(wait.what)}","id":${known.span}`);
    known.readySinceUs = ts;
  }

  cancels(wait: ObservedWait): void {
    const known = this.#waits.get(wait);
    if (known !== undefined) this.#add('i', 'cancelled', known.lane.id, this.#now(), '"s":"t"');
  }

  goesOn(carrier: number, wait: ObservedWait): void {
    const known = this.#waits.get(wait);
    if (known === undefined) {
      this.#beginRun(carrier, this.#laneOfWait(carrier, wait), 'running');
      return;
    }
    this.#waits.delete(wait);
    const ts = this.#beginRun(carrier, known.lane, 'running');
    if (known.readySinceUs > 0)
      this.#add(
        'X',
        'ready',
        known.lane.id,
        known.readySinceUs,
        `"cat":"ready","dur":${round(ts - known.readySinceUs)}`,
      );
  }

  ends(carrier: number): void {
    const run = this.#runs[carrier];
    if (run === undefined) return;
    this.#runs[carrier] = undefined;
    run.lane.carrier = 0;
    const dur = round(this.#now() - run.sinceUs);
    this.#add('X', run.name, run.lane.id, run.sinceUs, `"cat":"run","dur":${dur}`);
  }

  ended(task: TaskInfo, end: TaskEnd, error: unknown): void {
    const lane = this.#lanes.get(task)?.[0];
    this.#lanes.delete(task);
    if (lane === undefined) return;
    const args = end === 'failed' ? `,"args":{"error":${JSON.stringify(cut(messageOf(error), 1000))}}` : '';
    this.#add('i', end, lane.id, this.#now(), `"s":"t"${args}`);
    this.#addTurns();
  }

  blocked(name: string, sinceMs: number, blockedMs: number, args: object): void {
    const ts = (sinceMs + this.#offsetMs) * 1000;
    this.#add(
      'X',
      name,
      BLOCKING_LANE,
      ts,
      `"cat":"blocking","dur":${round(blockedMs * 1000)},"args":${JSON.stringify(args)}`,
    );
  }

  #now(): number {
    return round((systemClock.now() + this.#offsetMs) * 1000);
  }

  #add(phase: string, name: string, lane: number, ts: number, rest: string): void {
    this.#file.add(
      `{"ph":"${phase}","name":${this.#json(name)},"pid":${pid},"tid":${lane},"ts":${round(ts)},${rest}}`,
    );
  }

  #json(text: string): string {
    let json = this.#names.get(text);
    if (json !== undefined) return json;
    json = JSON.stringify(cut(text, MOST_OF_NAME));
    if (this.#names.size > 10_000) this.#names.clear();
    this.#names.set(text, json);
    return json;
  }

  #name(lane: number, name: string, order: number): void {
    const common = `"ph":"M","pid":${pid},"tid":${lane},"ts":0`;
    this.#file.add(`{"name":"thread_name",${common},"args":{"name":${this.#json(name)}}}`);
    this.#file.add(`{"name":"thread_sort_index",${common},"args":{"sort_index":${order}}}`);
  }

  #beginRun(carrier: number, lane: Lane, name: string): number {
    const sinceUs = this.#now();
    lane.carrier = carrier;
    this.#runs[carrier] = { lane, name, sinceUs };
    return sinceUs;
  }

  #lanesOf(task: TaskInfo): Lane[] {
    let lanes = this.#lanes.get(task);
    if (lanes === undefined) {
      lanes = [this.#newLane(task.name)];
      this.#lanes.set(task, lanes);
    }
    return lanes;
  }

  #newLane(name: string): Lane {
    const id = ++this.#lastLane;
    this.#name(id, name, id);
    return { id, name, carrier: 0 };
  }

  /** One that no other carrier uses: a task whose async functions run side by side may wait several times at once. */
  #laneFor(carrier: number, task: TaskInfo): Lane {
    const lanes = this.#lanesOf(task);
    for (let i = 0; i < lanes.length; i++) {
      const lane = lanes[i] as Lane;
      if (lane.carrier === 0 || lane.carrier === carrier) return lane;
    }
    const lane = this.#newLane(`${task.name} (${lanes.length + 1})`);
    lanes[lanes.length] = lane;
    return lane;
  }

  #stackLane(carrier: number): Lane {
    const known = this.#stackLanes[carrier];
    if (known !== undefined) return known;
    const lane = { id: STACKS + carrier, name: `callbacks on stack ${carrier}`, carrier: 0 };
    this.#name(lane.id, lane.name, lane.id);
    this.#stackLanes[carrier] = lane;
    return lane;
  }

  #laneOfWait(carrier: number, { context }: ObservedWait): Lane {
    const { task, entry } = context;
    return task === undefined || entry !== undefined
      ? this.#stackLane(carrier)
      : this.#laneFor(carrier, task);
  }

  /** Those since the last time; not each time, unless they are the last. */
  #addTurns(last = false): void {
    if (this.#native === undefined) return;
    const nowMs = systemClock.now();
    if (nowMs - this.#turnsAtMs < TURNS_EACH_MS && !last) return;
    this.#turnsAtMs = nowMs;
    const turns = this.#native.takeTurns();
    for (let i = 0; i < turns.length; i += 2) {
      const dur = round((turns[i + 1] as number) * 1000);
      this.#add('X', 'turn', LOOP_LANE, (turns[i] as number) * 1000, `"cat":"loop","dur":${dur}`);
    }
  }

  /** Memory and stacks, now and then. */
  #sample(): void {
    this.#timer = globals.setTimeout(() => this.#sample(), SAMPLE_MS).unref();
    const { rss, heapUsed, external } = memoryUsage();
    const ts = this.#now();
    this.#add(
      'C',
      'memory',
      LOOP_LANE,
      ts,
      `"args":{"rss":${rss},"heap":${heapUsed},"external":${external}}`,
    );
    const [made, parked] = [core.shared[Shared.carriers] ?? 0, core.shared[Shared.parked] ?? 0];
    this.#add('C', 'stacks', LOOP_LANE, ts, `"args":{"made":${made},"parked":${parked}}`);
    this.#addTurns();
    this.#tellAbout(ABOUT_EACH_MS);
  }

  /** Adds `aevent.info()`, if the last one is so old. */
  #tellAbout(ageMs: number): void {
    const nowMs = systemClock.now();
    if (about.by === undefined || nowMs - this.#aboutAtMs < ageMs) return;
    this.#aboutAtMs = nowMs;
    this.#add('i', 'aevent', LOOP_LANE, this.#now(), `"s":"p","args":${JSON.stringify(about.by())}`);
  }

  #watchCollections(): void {
    const { PerformanceObserver } = builtin<typeof import('node:perf_hooks')>('perf_hooks');
    const kinds: Record<number, string> = {
      1: 'scavenge',
      2: 'minor mark-compact',
      4: 'mark-compact',
      8: 'incremental',
      16: 'weak callbacks',
    };
    this.#collections = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { kind } = (entry as { detail?: { kind?: number } }).detail ?? {};
        const ts = (entry.startTime + this.#offsetMs) * 1000;
        this.#add(
          'X',
          kinds[kind ?? 0] ?? 'collection',
          GC_LANE,
          ts,
          `"cat":"gc","dur":${round(entry.duration * 1000)}`,
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

/** The track of work that is done elsewhere: in libuv's pool, or in a child. */
function trackOf(what: string): string {
  if (startsWith(what, 'child process')) return 'child';
  const kind = kindOfWait(what);
  return kind === 'fs' || kind === 'crypto' || kind === 'zlib' || kind === 'dns' ? 'pool' : '';
}

/** Microseconds, to a tenth. */
const round = (us: number): number => Math.round(us * 10) / 10;
